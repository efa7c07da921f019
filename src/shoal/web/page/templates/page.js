"use strict";
// What the page does beside being sent and read: dropping a file, news of a run.
// Without this script everything can be done, a little less comfortably.
(() => {
  document.documentElement.classList.add("js");

  const drop = document.getElementById("drop");
  if (drop) {
    const field = document.getElementById("file");
    const over = (on) => (event) => {
      event.preventDefault();
      drop.classList.toggle("over", on);
    };
    ["dragenter", "dragover"].forEach((name) => drop.addEventListener(name, over(true)));
    drop.addEventListener("dragleave", over(false));
    drop.addEventListener("drop", (event) => {
      over(false)(event);
      if (!event.dataTransfer.files.length) return;
      field.files = event.dataTransfer.files;
      field.dispatchEvent(new Event("change"));
      drop.requestSubmit();
    });
  }

  // What is too large is said before it is sent.
  document.querySelectorAll("input[data-most]").forEach((field) => {
    const look = () => {
      const large = [...field.files].some((file) => file.size > field.dataset.most * 1e6);
      field.setCustomValidity(large ? field.dataset.large : "");
    };
    field.addEventListener("change", look);
  });

  // A form that was sent is not sent twice.
  document.querySelectorAll("form").forEach((form) =>
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) event.preventDefault();
      form.dataset.sent = "yes";
      form.setAttribute("aria-busy", "true");
    }),
  );
  window.addEventListener("pageshow", () =>
    document.querySelectorAll("form[data-sent]").forEach((form) => {
      delete form.dataset.sent;
      form.removeAttribute("aria-busy");
    }),
  );

  const doing = document.querySelector("[data-events]");
  if (doing) {
    const part = (id) => document.getElementById(id);
    const news = new EventSource(doing.dataset.events);
    news.onmessage = (event) => {
      const told = JSON.parse(event.data);
      const step = `${told.step}\u00a0…`;
      if (part("step").textContent !== step) part("step").textContent = step;
      if (told.part === null) part("meter").removeAttribute("value");
      else part("meter").value = told.part;
      part("far").textContent = told.far;
      part("spent").textContent = told.spent;
    };
    news.addEventListener("over", (event) => {
      news.close();
      location.replace(JSON.parse(event.data));
    });
    // Where a stop leads, its answer says: two ways at once would end each other.
    doing.addEventListener("submit", () => news.close());
    news.onerror = () => setTimeout(() => location.reload(), 3000);
  }
})();
