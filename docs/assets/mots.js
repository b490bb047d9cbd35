// The words that move between two texts: the same marks as charter_builder/worddiff.py,
// which a test compares, and the same matching as Python's difflib.
(function () {
  "use strict";
  const TOKEN = /[\p{L}\p{N}_]+(?:['’-][\p{L}\p{N}_]+)*['’]?|[^\p{L}\p{N}_\s]|\s+/gu;
  // Above that many pairs of words, a page would stop answering: both texts are shown.
  const BUDGET = 40000000;

  // As typography.plain: what comparisons see of a text.
  function plain(text) {
    return text.normalize("NFC").replace(/’/g, "'").replace(/…/g, "...")
      .replace(/[ \u00a0\u202f]+/g, " ")
      .replace(/« | »|[«»“”"]/g, '"')
      .replace(/(^|[^\p{L}\p{N}_])n°(?=\p{Nd})/gu, "$1n° ")
      .replace(/(^|[^\p{L}\p{N}_])([LRDA])\.(?=\p{Nd})/gu, "$1$2. ")
      .replace(/ ([;:!?])/g, "$1");
  }

  function key(token) {
    return /^\s+$/u.test(token) ? " " : plain(token);
  }

  // difflib.SequenceMatcher.find_longest_match, without junk.
  function longest(old, places, fresh, alo, ahi, blo, bhi) {
    let besti = alo, bestj = blo, best = 0;
    let lengths = new Map();
    for (let i = alo; i < ahi; i += 1) {
      const next = new Map();
      const found = places.get(old[i]) || [];
      for (const j of found) {
        if (j < blo) { continue; }
        if (j >= bhi) { break; }
        const k = (lengths.get(j - 1) || 0) + 1;
        next.set(j, k);
        if (k > best) { besti = i - k + 1; bestj = j - k + 1; best = k; }
      }
      lengths = next;
    }
    return [besti, bestj, best];
  }

  function blocks(old, fresh) {
    const places = new Map();
    fresh.forEach(function (word, j) {
      if (!places.has(word)) { places.set(word, []); }
      places.get(word).push(j);
    });
    const queue = [[0, old.length, 0, fresh.length]];
    const found = [];
    while (queue.length) {
      const [alo, ahi, blo, bhi] = queue.pop();
      const [i, j, k] = longest(old, places, fresh, alo, ahi, blo, bhi);
      if (!k) { continue; }
      found.push([i, j, k]);
      if (alo < i && blo < j) { queue.push([alo, i, blo, j]); }
      if (i + k < ahi && j + k < bhi) { queue.push([i + k, ahi, j + k, bhi]); }
    }
    found.sort(function (a, b) { return a[0] - b[0] || a[1] - b[1]; });
    found.push([old.length, fresh.length, 0]);
    return found;
  }

  function compare(before, after) {
    const old = before.match(TOKEN) || [], fresh = after.match(TOKEN) || [];
    if (old.length * fresh.length > BUDGET) {
      return [{ kind: "removed", text: before }, { kind: "added", text: after }];
    }
    const runs = [];
    let i = 0, j = 0;
    function push(kind, text) { if (text) { runs.push({ kind: kind, text: text }); } }
    for (const [ai, bj, size] of blocks(old.map(key), fresh.map(key))) {
      push("removed", old.slice(i, ai).join(""));
      push("added", fresh.slice(j, bj).join(""));
      push("same", fresh.slice(bj, bj + size).join(""));
      i = ai + size;
      j = bj + size;
    }
    return readable(merged(runs));
  }

  // Blocks that touch are one: difflib gives them so.
  function merged(runs) {
    const found = [];
    for (const run of runs) {
      const last = found[found.length - 1];
      if (last && last.kind === "same" && run.kind === "same") {
        last.text += run.text;
      } else {
        found.push(run);
      }
    }
    return found;
  }

  function readable(runs) {
    const told = [];
    let waiting = [];
    for (const run of runs) {
      const between = run.kind === "same" && !/[\p{L}\p{N}_]/u.test(run.text);
      if (run.kind !== "same" || (waiting.length && between && !run.text.includes("\n"))) {
        waiting.push(run);
        continue;
      }
      told.push(...joined(waiting));
      waiting = [];
      told.push(run);
    }
    told.push(...joined(waiting));
    return told;
  }

  function joined(waiting) {
    const trailing = [], told = [];
    while (waiting.length && waiting[waiting.length - 1].kind === "same") {
      trailing.push(waiting.pop());
    }
    const texts = function (kind) {
      return waiting.filter(function (run) { return run.kind !== kind; })
        .map(function (run) { return run.text; }).join("");
    };
    const removed = texts("added"), added = texts("removed");
    if (removed.trim() || added.trim()) {
      if (removed) { told.push({ kind: "removed", text: removed }); }
      if (added) { told.push({ kind: added.trim() ? "added" : "same", text: added }); }
    } else if (added) {
      told.push({ kind: "same", text: added });
    }
    return told.concat(trailing.reverse());
  }

  const MARKS = {
    removed: ["del", "[supprimé\u00a0:", "]"],
    added: ["ins", "[ajouté\u00a0:", "]"],
  };

  function unseen(words) {
    const span = document.createElement("span");
    span.className = "charte-unseen";
    span.textContent = words;
    return span;
  }

  // Put in a place the paragraphs of some runs, each change marked and named.
  function show(place, runs) {
    let paragraph = null;
    const line = function () {
      paragraph = document.createElement("p");
      place.appendChild(paragraph);
    };
    for (const run of runs) {
      run.text.split("\n\n").forEach(function (text, rank) {
        if (rank && paragraph && paragraph.firstChild) { paragraph = null; }
        if (!text) { return; }
        if (!paragraph) { line(); }
        let target = paragraph;
        const mark = text.trim() ? MARKS[run.kind] : null;
        if (mark) {
          target = document.createElement(mark[0]);
          target.appendChild(unseen(mark[1]));
          paragraph.appendChild(target);
        }
        text.split("\n").forEach(function (words, n) {
          if (n) { target.appendChild(document.createElement("br")); }
          target.appendChild(document.createTextNode(words));
        });
        if (mark) { target.appendChild(unseen(mark[2])); }
      });
    }
  }

  function sameText(one, other) {
    const spaced = function (text) { return plain(text.split(/\s+/u).join(" ").trim()); };
    return spaced(one) === spaced(other);
  }

  window.charteMots = { compare: compare, plain: plain, sameText: sameText, show: show };
})();
