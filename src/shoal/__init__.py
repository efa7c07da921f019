"""shoal: from a table of customers to segments people can act on."""
