"""What is reached with a browser or over HTTP: the page for people, the service for programs."""
