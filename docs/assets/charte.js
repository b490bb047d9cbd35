// Two repairs, nothing else: a file opened from a disk cannot search, and the theme's
// search dialog has no name for a screen reader.
(function () {
  "use strict";
  var dialog = document.querySelector(".md-search");
  if (dialog && !dialog.hasAttribute("aria-label")) {
    dialog.setAttribute("aria-label", "Recherche");
  }
  if (location.protocol === "file:") {
    document.documentElement.classList.add("from-disk");
  }
})();
