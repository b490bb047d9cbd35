// The words that move between two texts: the same marks as charter_builder/worddiff.py,
// which a test compares, and the same matching as Python's difflib.
(function () {
  "use strict";
  const TOKEN = /[\p{L}\p{N}_]+(?:['’-][\p{L}\p{N}_]+)*['’]?|[^\p{L}\p{N}_\s]|\s+/gu;
  // Steps spent on comparing two texts, as in worddiff.py: a page must not stop answering.
  const BUDGET = 4000000;

  // As typography.plain: what comparisons see of a text.
  function plain(text) {
    return text.normalize("NFC").replace(/’/g, "'").replace(/…/g, "...")
      .replace(/[ \u00a0\u202f]+/g, " ")
      .replace(/« | »|[«»“”"]/g, '"')
      .replace(/(^|[^\p{L}\p{N}_])n°(?=\p{Nd})/gu, "$1n° ")
      .replace(/(^|[^\p{L}\p{N}_])([LRDA])\.(?=\p{Nd})/gu, "$1$2. ")
      .replace(/ ([;:!?])/g, "$1");
  }

  function isSpace(token) {
    return /^\s+$/u.test(token);
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

  // difflib.SequenceMatcher.get_matching_blocks; nothing once the purse is empty.
  function matching(old, fresh, purse) {
    const places = new Map();
    fresh.forEach(function (word, j) {
      if (!places.has(word)) { places.set(word, []); }
      places.get(word).push(j);
    });
    const cost = [0];
    for (const word of old) {
      cost.push(cost[cost.length - 1] + (places.get(word) || []).length + 1);
    }
    const queue = [[0, old.length, 0, fresh.length]];
    const found = [];
    while (queue.length) {
      const [alo, ahi, blo, bhi] = queue.pop();
      purse.left -= cost[ahi] - cost[alo];
      if (purse.left < 0) { return null; }
      const [i, j, k] = longest(old, places, fresh, alo, ahi, blo, bhi);
      if (!k) { continue; }
      found.push([i, j, k]);
      if (alo < i && blo < j) { queue.push([alo, i, blo, j]); }
      if (i + k < ahi && j + k < bhi) { queue.push([i + k, ahi, j + k, bhi]); }
    }
    return found.sort(function (a, b) { return a[0] - b[0] || a[1] - b[1]; });
  }

  function blocks(old, fresh, purse) {
    return matching(old, fresh, purse) || ends(old, fresh);
  }

  // What two sequences share at both ends, when all would cost too much.
  function ends(old, fresh) {
    const shortest = Math.min(old.length, fresh.length);
    let head = 0, tail = 0;
    while (head < shortest && old[head] === fresh[head]) { head += 1; }
    while (tail < shortest - head
      && old[old.length - 1 - tail] === fresh[fresh.length - 1 - tail]) { tail += 1; }
    return [[0, 0, head], [old.length - tail, fresh.length - tail, tail]]
      .filter(function (block) { return block[2]; });
  }

  // The tokens of a text that are no spaces, and the lines they make.
  function words(found) {
    const places = [], keys = [], starts = [0];
    found.forEach(function (token, n) {
      if (isSpace(token)) { return; }
      if (places.length && found[n - 1].includes("\n")) { starts.push(places.length); }
      places.push(n);
      keys.push(plain(token));
    });
    starts.push(places.length);
    const lines = starts.slice(1).map(function (end, n) { return [starts[n], end]; });
    return { places: places, keys: keys, lines: lines };
  }

  function lineKeys(text) {
    return text.lines.map(function (line) {
      return text.keys.slice(line[0], line[1]).join("\0");
    });
  }

  // Lines that are the same, as matches of words; then the very end.
  function sameLines(before, after, purse) {
    const found = [];
    if (before.lines.length > 1 || after.lines.length > 1) {
      for (const [i, j, size] of blocks(lineKeys(before), lineKeys(after), purse)) {
        for (let rank = 0; rank < size; rank += 1) {
          const [start, end] = before.lines[i + rank];
          found.push([start, after.lines[j + rank][0], end - start]);
        }
      }
    }
    return found.concat([[before.keys.length, after.keys.length, 0]]);
  }

  // Lines face to face first, then words, then the spaces that both have beside them.
  function pairs(old, fresh) {
    const purse = { left: BUDGET };
    const before = words(old), after = words(fresh);
    const shared = [];
    const keep = function (i, j, size) {
      for (let n = 0; n < size; n += 1) {
        shared.push([before.places[i + n], after.places[j + n]]);
      }
    };
    let i = 0, j = 0;
    for (const [oldLine, newLine, size] of sameLines(before, after, purse)) {
      if (i < oldLine && j < newLine) {
        const found = blocks(
          before.keys.slice(i, oldLine), after.keys.slice(j, newLine), purse);
        for (const [a, b, n] of found) { keep(i + a, j + b, n); }
      }
      keep(oldLine, newLine, size);
      i = oldLine + size;
      j = newLine + size;
    }
    return withSpaces(shared, old, fresh);
  }

  function withSpaces(shared, old, fresh) {
    const found = [];
    for (const [i, j] of shared) {
      const last = found[found.length - 1];
      const isFree = !last || (last[0] < i - 1 && last[1] < j - 1);
      if (i && j && isFree && isSpace(old[i - 1]) && isSpace(fresh[j - 1])) {
        found.push([i - 1, j - 1]);
      }
      found.push([i, j]);
      if (i + 1 < old.length && j + 1 < fresh.length
        && isSpace(old[i + 1]) && isSpace(fresh[j + 1])) {
        found.push([i + 1, j + 1]);
      }
    }
    return found;
  }

  function compare(before, after) {
    const old = before.match(TOKEN) || [], fresh = after.match(TOKEN) || [];
    const runs = [];
    let i = 0, j = 0;
    function push(kind, text) { if (text) { runs.push({ kind: kind, text: text }); } }
    for (const [a, b] of pairs(old, fresh).concat([[old.length, fresh.length]])) {
      push("removed", old.slice(i, a).join(""));
      push("added", fresh.slice(j, b).join(""));
      push("same", fresh.slice(b, b + 1).join(""));
      i = a + 1;
      j = b + 1;
    }
    return readable(merged(runs));
  }

  // What stays from one word to the next is one run.
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
