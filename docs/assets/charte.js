// Small repairs, nothing else: a file opened from a disk cannot search, the theme's
// search dialog has no name for a screen reader, and a page built some time ago does not
// know that a date went by.
(function () {
  "use strict";
  var dialog = document.querySelector(".md-search");
  if (dialog && !dialog.hasAttribute("aria-label")) {
    dialog.setAttribute("aria-label", "Recherche");
  }
  if (location.protocol === "file:") {
    document.documentElement.classList.add("from-disk");
  }
  // The form has a page of its own: its scripts are no weight for the others.
  var here = document.currentScript && document.currentScript.src;
  if (here && document.getElementById("f_page")) {
    ["mots.js", "contribuer.js"].forEach(function (name) {
      var script = document.createElement("script");
      script.async = false;
      script.src = here.replace(/[^\/]*$/, name);
      document.body.appendChild(script);
    });
  }
  var now = new Date();
  var today = [now.getFullYear(), now.getMonth() + 1, now.getDate()]
    .map(function (part) { return (part < 10 ? "0" : "") + part; })
    .join("-");
  document.querySelectorAll("time[data-due]").forEach(function (due) {
    if (due.getAttribute("data-due") < today) {
      due.classList.add("charte-overdue");
    }
  });
})();
