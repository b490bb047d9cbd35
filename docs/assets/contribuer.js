// The form to contribute without a server. It gathers contributions in a carnet, which
// leaves as a file or as a text to paste in a mail. It asks nothing of the network and
// needs no secure context: it works from a disk and on a plain intranet.
(function () {
  "use strict";
  const page = document.getElementById("f_page");
  const words = window.charteMots;
  if (!page || !words) { return; }
  const said = page.dataset;
  const MAX_TEXT = Number(said.maxText);
  const MAX_PASSAGE = Number(said.maxPassage);
  const STORE = "charte:" + said.consultation;
  const SECTION = "section.charte-unit";
  const KINDS = {
    comment: "commentaire", question: "question", amendment: "amendement",
    choice: "choix sur un point à débattre",
  };
  const STANCES = {
    for: "favorable", reserved: "favorable sous réserve", against: "défavorable",
  };
  const FIELDS = ["passage", "proposed", "text"];
  const CHOICES = ["kind", "operation", "stance", "choice"];

  function $(name) { return document.getElementById("f_" + name); }
  function each(selector, act) { document.querySelectorAll(selector).forEach(act); }
  function show(element, shown) { element.hidden = !shown; }
  function make(tag, text, parent) {
    const element = document.createElement(tag);
    if (text) { element.textContent = text; }
    if (parent) { parent.appendChild(element); }
    return element;
  }
  // The spaces of French that must not break, in our own sentences.
  function french(sentence) {
    return sentence.replace(/« /g, "«\u00a0").replace(/ ([»:])/g, "\u00a0$1")
      .replace(/ ([;?!])/g, "\u202f$1");
  }
  function counted(count) {
    return count + (count < 2 ? " contribution" : " contributions");
  }

  // --- what is kept ------------------------------------------------------------------

  // `items` are the contributions as the file holds them, `drafts` what is being typed,
  // by unit. Both live in this tab, unless one asks to keep them on this computer.
  let state = { organisation: "", items: [], drafts: {}, saved: true };
  let pending = null;
  let invitation = "";
  let unit = null;

  function read(store) {
    try { return JSON.parse(store().getItem(STORE)); } catch (error) { return null; }
  }
  function session() { return window.sessionStorage; }
  function local() { return window.localStorage; }

  function keep() {
    try { session().setItem(STORE, JSON.stringify(state)); } catch (error) { /* refused */ }
    if ($("keep").checked) {
      try { local().setItem(STORE, JSON.stringify(state)); } catch (error) {
        tell("Ce navigateur refuse de garder votre brouillon : enregistrez le fichier.");
      }
    }
  }

  function restore() {
    const kept = read(local);
    $("keep").checked = Boolean(kept);
    const found = read(session) || kept;
    if (found && Array.isArray(found.items) && found.drafts) {
      state = Object.assign(state, found);
    }
  }

  function random() {
    const bytes = new Uint8Array(16);
    window.crypto.getRandomValues(bytes);
    return Array.from(bytes, function (byte) {
      return (byte < 16 ? "0" : "") + byte.toString(16);
    }).join("");
  }

  function today() {
    const now = new Date();
    const two = function (part) { return (part < 10 ? "0" : "") + part; };
    return now.getFullYear() + "-" + two(now.getMonth() + 1) + "-" + two(now.getDate());
  }

  // --- the form ----------------------------------------------------------------------

  // As register.has_words: fillers are letters for Unicode, blanks for a reader.
  function hasWords(text) {
    return /[\p{L}\p{N}]/u.test(text.replace(/[\u115f\u1160\u3164\uffa0]/g, ""));
  }

  function frozen() { return unit.querySelector("pre").textContent; }
  function radio(name) { return document.querySelector("input[name=" + name + "]:checked"); }
  function value(name) { const found = radio(name); return found ? found.value : ""; }
  function check(name, wanted) {
    each("input[name=" + name + "]", function (input) {
      input.checked = input.value === (wanted || "");
    });
  }

  function draft() {
    const typed = {};
    FIELDS.forEach(function (name) { typed[name] = $(name).value; });
    CHOICES.forEach(function (name) { typed[name] = value(name); });
    return typed;
  }

  function fill(typed) {
    FIELDS.forEach(function (name) { $(name).value = typed[name] || ""; });
    check("kind", typed.kind || "comment");
    check("operation", typed.operation || "replace");
    check("stance", typed.stance);
    each("input[name=choice]", function (input) { input.checked = false; });
    if (typed.choice) { check("choice", typed.choice); }
    adapt();
  }

  function blank() { return { proposed: frozen() }; }

  function adapt() {
    const kind = value("kind"), operation = value("operation");
    const points = document.querySelectorAll(
      "fieldset.charte-point[data-unit='" + unit.id + "']");
    show($("choice_kind"), points.length > 0);
    show($("points"), kind === "choice");
    each("fieldset.charte-point", function (point) {
      show(point, point.dataset.unit === unit.id);
    });
    show($("passage_field"), kind !== "choice");
    show($("amendment"), kind === "amendment");
    show($("proposed_field"), operation !== "delete");
    show($("text_needed"), kind !== "choice");
    // Nothing is placed after an act; what one had chosen stays to be seen.
    const inserts = document.querySelector("input[name=operation][value=insert-after]");
    show(inserts.parentElement, unit.dataset.kind !== "act" || inserts.checked);
    $("proposed_hint").textContent = operation === "insert-after"
      ? "Écrivez le texte du nouvel article, son titre en première ligne."
      : "Corrigez directement le texte : ce que vous changez sera montré mot à mot.";
  }

  function operate() {
    const box = $("proposed"), same = words.sameText(box.value, frozen());
    if (value("operation") === "insert-after" && same) { box.value = ""; }
    if (value("operation") === "replace" && !box.value.trim()) { box.value = frozen(); }
    adapt();
  }

  function asked() {
    const parts = decodeURIComponent(location.hash.slice(1)).split("&");
    parts.forEach(function (part) {
      if (part.indexOf("invitation=") === 0) { invitation = part.slice(11, 411); }
    });
    const found = document.getElementById(parts[0]);
    return found && found.matches(SECTION) ? found : null;
  }

  function choose(section, focused) {
    unit = section;
    each(SECTION, function (other) { show(other, other === section); });
    const heading = document.querySelector("h1");
    heading.textContent = "Contribuer : " + section.dataset.name;
    heading.tabIndex = -1;
    name();
    $("unit").value = section.id;
    clear();
    fill(state.drafts[section.id] || blank());
    writing();
    if (focused) { heading.focus(); }
  }

  function name(prefix) {
    document.title = (prefix || "") + document.querySelector("h1").textContent;
  }

  function writing() {
    show($("form"), true);
    show($("preview"), false);
    show(unit, true);
    show($("who"), true);
    pending = null;
  }

  // --- what is wrong -----------------------------------------------------------------

  function clear() {
    show($("errors"), false);
    $("errors").textContent = "";
    each("#f_page [aria-invalid]", mended);
    each("#f_page .charte-error", function (line) { show(line, false); });
    name();
  }

  // What one corrects is no longer said to be wrong; the summary stays until verified.
  function mended(field) {
    if (!field.hasAttribute("aria-invalid")) { return; }
    field.removeAttribute("aria-invalid");
    const hint = document.getElementById(field.id + "_hint");
    if (hint) { field.setAttribute("aria-describedby", hint.id); } else {
      field.removeAttribute("aria-describedby");
    }
    const line = document.getElementById(field.id + "_error");
    if (line) { show(line, false); }
  }

  function complain(faults) {
    const place = $("errors");
    clear();
    make("p", french(faults.length < 2 ? "Une erreur est à corriger :"
      : faults.length + " erreurs sont à corriger :"), place);
    const list = make("ul", "", place);
    faults.forEach(function (fault) {
      fault.said = french(fault.said);
      const link = make("a", fault.said, make("li", "", list));
      link.href = "#" + fault.field.id;
      link.addEventListener("click", function (event) {
        event.preventDefault();
        fault.field.focus();
      });
      fault.field.setAttribute("aria-invalid", "true");
      const line = document.getElementById((fault.line || fault.field.id) + "_error");
      if (line) {
        line.textContent = fault.said;
        show(line, true);
        const hint = document.getElementById(fault.field.id + "_hint");
        fault.field.setAttribute(
          "aria-describedby", (hint ? hint.id + " " : "") + line.id);
      }
    });
    show(place, true);
    name("Erreur – ");
    place.focus();
  }

  function faults(typed) {
    const found = [];
    const wrong = function (field, sentence, line) {
      found.push({ field: field, said: sentence, line: line });
    };
    if (!state.organisation) {
      wrong($("organisation"), "Choisissez l’organisation au nom de laquelle vous écrivez.");
    }
    if (typed.kind === "choice" && !typed.choice) {
      const first = document.querySelector(
        "fieldset.charte-point:not([hidden]) input[name=choice]");
      wrong(first, "Choisissez une des propositions.", "f_choice");
    }
    const copied = Array.from(typed.passage.trim()).length;
    if (copied > MAX_PASSAGE && typed.kind !== "choice") {
      wrong($("passage"), "Ce passage compte " + copied.toLocaleString("fr-FR")
        + " caractères, " + MAX_PASSAGE.toLocaleString("fr-FR")
        + " au plus : ne recopiez que les mots visés.");
    }
    if (typed.kind === "amendment" && typed.operation !== "delete") {
      if (!hasWords(typed.proposed)) {
        wrong($("proposed"), "Écrivez la rédaction proposée, ou demandez la suppression.");
      } else if (typed.operation === "replace" && words.sameText(typed.proposed, frozen())) {
        wrong($("proposed"), "La rédaction proposée est celle du projet : modifiez-la, ou "
          + "choisissez « Commentaire ».");
      }
    }
    if (typed.kind !== "choice" && !hasWords(typed.text)) {
      wrong($("text"), "Écrivez l’exposé des motifs, en une phrase au moins.");
    }
    ["text", "proposed"].forEach(function (name) {
      const length = Array.from(typed[name]).length;
      if (length > MAX_TEXT && (name === "text" || typed.kind === "amendment")) {
        wrong($(name), "Ce texte compte " + length.toLocaleString("fr-FR")
          + " caractères, " + MAX_TEXT.toLocaleString("fr-FR")
          + " au plus : raccourcissez-le ou faites deux contributions.");
      }
    });
    return found;
  }

  // --- one contribution --------------------------------------------------------------

  function contribution(typed) {
    const made = {
      key: random(), version: Number(said.version), unit: unit.id,
      unit_sha256: unit.dataset.sha256, kind: typed.kind,
    };
    if (typed.kind === "amendment") {
      made.operation = typed.operation;
      if (typed.operation !== "delete") { made.proposed = typed.proposed; }
    }
    if (typed.kind === "choice") {
      const cut = typed.choice.lastIndexOf("|");
      made.choice = { point: typed.choice.slice(0, cut), letter: typed.choice.slice(cut + 1) };
    } else if (typed.passage.trim()) {
      made.passage = typed.passage.trim();
    }
    if (typed.stance) { made.stance = typed.stance; }
    made.text = typed.text;
    made.written_on = today();
    return made;
  }

  function labelled(place, label, text) {
    make("h3", label, place);
    const shown = make("div", "", place);
    words.show(shown, [{ kind: "same", text: text.trim() }]);
    return shown;
  }

  function radioLabel(name) {
    const found = radio(name);
    return found ? found.parentElement.textContent.trim() : "";
  }

  function preview(made) {
    const place = $("said");
    place.textContent = "";
    const author = $("organisation").selectedOptions[0].textContent;
    make("p", author + ", " + french(KINDS[made.kind] + " sur « " + unit.dataset.name
      + " », version " + made.version + "."), place);
    if (made.kind === "amendment") {
      const label = made.operation === "replace" ? "Voici ce que vous proposez"
        : made.operation === "delete" ? "Vous demandez la suppression de cet article"
          : "Nouvel article, après celui-ci";
      make("h3", label, place);
      const before = made.operation === "insert-after" ? "" : frozen();
      const shown = make("div", "", place);
      shown.className = "charte-text charte-diff";
      words.show(shown, words.compare(before, made.proposed || ""));
    }
    if (made.choice) { labelled(place, "Proposition choisie", radioLabel("choice")); }
    if (made.passage) { labelled(place, "Passage visé", made.passage); }
    if (made.stance) { labelled(place, "Avis sur ce texte", STANCES[made.stance]); }
    if (made.text.trim()) { labelled(place, "Exposé des motifs", made.text); }
  }

  function verify(event) {
    event.preventDefault();
    const typed = draft(), found = faults(typed);
    if (found.length) { complain(found); return; }
    clear();
    pending = contribution(typed);
    preview(pending);
    show($("form"), false);
    show(unit, false);
    show($("who"), false);
    show($("preview"), true);
    $("preview").querySelector("h2").focus();
  }

  function add() {
    // A second click finds nothing left to add.
    if (!pending) { return; }
    const made = pending;
    if (state.items.length >= Number(said.maxItems)
      || size(state.items.concat([made])) > Number(said.maxBytes)) {
      tell("Ce carnet est plein : enregistrez-le, envoyez-le, puis commencez-en un autre.");
      $("carnet").querySelector("h2").focus();
      return;
    }
    pending = null;
    state.items.push(made);
    state.saved = false;
    delete state.drafts[unit.id];
    keep();
    fill(blank());
    writing();
    list();
    tell("Contribution ajoutée. Elle n’est encore que dans cet onglet : enregistrez le "
      + "fichier ou copiez le texte, puis envoyez-le.");
    $("carnet").querySelector("h2").focus();
  }

  // --- the carnet --------------------------------------------------------------------

  function file(items) {
    const carnet = {
      format: Number(said.format), consultation: said.consultation,
      charter: said.charter, organisation: state.organisation,
    };
    if (invitation) { carnet.invitation = invitation; }
    carnet.contributions = items;
    return JSON.stringify(carnet, null, 1) + "\n";
  }

  function bytes(text) { return new TextEncoder().encode(text); }
  function size(items) { return bytes(file(items)).length; }
  function tell(sentence) { $("status").textContent = french(sentence); }

  function nameOf(item) {
    const section = document.getElementById(item.unit);
    return section && section.matches(SECTION) ? section.dataset.name : item.unit;
  }

  function list() {
    const place = $("items");
    place.textContent = "";
    $("carnet").querySelector("h2").textContent = state.items.length
      ? "Votre carnet : " + counted(state.items.length) : "Votre carnet";
    show($("sending"), state.items.length > 0);
    show($("mail"), false);
    state.items.forEach(function (item) {
      const line = make("li", "", place);
      make("strong", nameOf(item), line);
      line.appendChild(document.createTextNode(", " + KINDS[item.kind] + " "));
      const start = (item.text || item.proposed || "").trim().replace(/\s+/g, " ");
      const shown = Array.from(start);
      make("p", shown.slice(0, 120).join("") + (shown.length > 120 ? "…" : ""), line);
      button(line, "Reprendre", item, function () { take(item); });
      button(line, "Retirer", item, function () {
        remove(item);
        tell("Contribution retirée du carnet.");
        $("carnet").querySelector("h2").focus();
      });
    });
  }

  function button(place, label, item, act) {
    const made = make("button", label, place);
    made.type = "button";
    made.className = "charte-small";
    made.setAttribute("aria-label", label + " : " + nameOf(item) + ", " + KINDS[item.kind]);
    made.addEventListener("click", act);
  }

  function remove(item) {
    state.items = state.items.filter(function (other) { return other !== item; });
    state.saved = false;
    keep();
    list();
  }

  // Back in the form: added again, it will be a new contribution.
  function take(item) {
    const section = document.getElementById(item.unit);
    if (!section || !section.matches(SECTION)) { return; }
    state.drafts[item.unit] = {
      kind: item.kind, operation: item.operation, stance: item.stance, text: item.text,
      passage: item.passage,
      proposed: item.operation === "delete" ? "" : item.proposed || section.querySelector("pre").textContent,
      choice: item.choice ? item.choice.point + "|" + item.choice.letter : "",
    };
    remove(item);
    go(section);
  }

  function go(section) {
    if (location.hash !== "#" + section.id) { history.replaceState(null, "", "#" + section.id); }
    choose(section, true);
  }

  function needsOrganisation() {
    if (state.organisation) { return false; }
    writing();
    complain([{ field: $("organisation"),
      said: "Choisissez l’organisation au nom de laquelle vous écrivez." }]);
    return true;
  }

  function save() {
    if (needsOrganisation()) { return; }
    const link = document.createElement("a");
    const address = URL.createObjectURL(new Blob([file(state.items)],
      { type: "application/json" }));
    link.href = address;
    link.download = "contributions-" + said.consultation + "-v" + said.version + "-"
      + state.organisation + ".json";
    document.body.appendChild(link);
    link.click();
    link.remove();
    setTimeout(function () { URL.revokeObjectURL(address); }, 60000);
    state.saved = true;
    keep();
    tell("Fichier enregistré : " + link.download + ". Envoyez-le "
      + (said.contact ? "à " + said.contact : "à la direction des ressources humaines")
      + ", en pièce jointe.");
  }

  // --- the text for a mail -----------------------------------------------------------

  const NOTICE = "Ne modifiez rien sous cette ligne : ces lettres redisent le texte "
    + "ci-dessus, pour qu’il soit enregistré sans être recopié.";
  const OPERATIONS = {};
  each("input[name=operation]", function (input) {
    OPERATIONS[input.value] = input.parentElement.textContent.trim();
  });

  function readable(item, rank) {
    const lines = [rank + ". " + nameOf(item) + " (version " + item.version + ") : "
      + KINDS[item.kind]];
    if (item.operation) { lines.push("Demande : " + OPERATIONS[item.operation]); }
    if (item.choice) { lines.push("Proposition choisie : " + item.choice.letter); }
    if (item.stance) { lines.push("Avis sur l’article : " + STANCES[item.stance]); }
    [["Passage visé", "passage"], ["Rédaction proposée", "proposed"],
      ["Exposé des motifs", "text"]].forEach(function (pair) {
      const text = (item[pair[1]] || "").trim();
      if (text) { lines.push(pair[0] + " :\n" + text); }
    });
    return lines.join("\n\n");
  }

  const CRC = Array.from({ length: 256 }, function (_, n) {
    for (let bit = 0; bit < 8; bit += 1) { n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1; }
    return n >>> 0;
  });
  function crc32(data) {
    let sum = 0xffffffff;
    for (const byte of data) { sum = CRC[(sum ^ byte) & 255] ^ (sum >>> 8); }
    return (sum ^ 0xffffffff) >>> 0;
  }
  function four(number) {
    return [number >>> 24, (number >>> 16) & 255, (number >>> 8) & 255, number & 255];
  }

  // zlib without compressing, for browsers that cannot.
  function stored(data) {
    let a = 1, b = 0;
    for (const byte of data) { a = (a + byte) % 65521; b = (b + a) % 65521; }
    const made = [0x78, 0x01];
    for (let start = 0; start < data.length || start === 0; start += 65535) {
      const part = data.subarray(start, start + 65535), length = part.length;
      made.push(start + 65535 >= data.length ? 1 : 0, length & 255, length >>> 8,
        ~length & 255, (~length >>> 8) & 255);
      for (const byte of part) { made.push(byte); }
    }
    return Uint8Array.from(made.concat(four((b * 65536 + a) >>> 0)));
  }

  async function packed(data) {
    if (typeof CompressionStream !== "function") { return stored(data); }
    try {
      const stream = new Blob([data]).stream().pipeThrough(new CompressionStream("deflate"));
      return new Uint8Array(await new Response(stream).arrayBuffer());
    } catch (error) {
      return stored(data);
    }
  }

  function letters(data) {
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let made = "", held = 0, bits = 0;
    for (const byte of data) {
      held = ((held << 8) | byte) & 0xfff;
      bits += 8;
      while (bits >= 5) { bits -= 5; made += alphabet[(held >>> bits) & 31]; }
    }
    return bits ? made + alphabet[(held << (5 - bits)) & 31] : made;
  }

  async function block(text) {
    const inside = await packed(bytes(text));
    const head = [67, 66, 1].concat(four(inside.length), four(crc32(inside)));
    const whole = new Uint8Array(head.length + inside.length);
    whole.set(head);
    whole.set(inside, head.length);
    const lines = letters(whole).match(/.{1,60}/g);
    return ["DEBUTDUCARNET"].concat(lines, ["FINDUCARNET"]).join("\n");
  }

  async function copy() {
    if (needsOrganisation()) { return; }
    const author = $("organisation").selectedOptions[0].textContent;
    const parts = [said.title + "\n" + author + " : " + counted(state.items.length)];
    state.items.forEach(function (item, rank) { parts.push(readable(item, rank + 1)); });
    parts.push(NOTICE + "\n\n" + await block(file(state.items)));
    $("letter").value = parts.join("\n\n\n");
    show($("mail"), true);
    $("letter").focus();
    $("letter").select();
    let copied = false;
    try { copied = document.execCommand("copy"); } catch (error) { /* by hand, then */ }
    tell(copied ? "Texte copié : collez-le dans un courriel, sans rien y changer."
      : "Copiez le texte sélectionné (Ctrl + C), puis collez-le dans un courriel.");
    state.saved = true;
    keep();
  }

  // --- a carnet saved before ---------------------------------------------------------

  function refuse(sentence) {
    complain([{ field: $("open"), said: sentence }]);
    $("open").value = "";
  }

  function opened(text) {
    let carnet = null;
    try { carnet = JSON.parse(text.replace(/^\ufeff/, "")); } catch (error) { /* below */ }
    if (!carnet || !Array.isArray(carnet.contributions)) {
      return refuse("Ce fichier n’est pas un carnet, ou il est abîmé. Choisissez le fichier "
        + "« contributions-….json » que cette page a enregistré.");
    }
    if (carnet.format !== Number(said.format)) {
      return refuse("Ce carnet vient d’une version plus récente de cette page.");
    }
    if (carnet.consultation !== said.consultation) {
      return refuse("Ce carnet est celui d’une autre concertation.");
    }
    const author = Array.from($("organisation").options)
      .find(function (option) { return option.value === carnet.organisation; });
    if (!author) { return refuse("L’organisation de ce carnet ne participe pas."); }
    if (state.items.length && state.organisation && state.organisation !== carnet.organisation) {
      return refuse("Ce carnet est au nom de " + author.textContent + " : enregistrez le "
        + "vôtre, puis ouvrez celui-ci dans un nouvel onglet.");
    }
    const sound = carnet.contributions.filter(function (item) {
      return item && typeof item.key === "string" && KINDS[item.kind]
        && typeof item.unit === "string" && (item.text || "").slice && (item.proposed || "").slice;
    });
    const known = state.items.map(function (item) { return item.key; });
    const fresh = sound.filter(function (item) { return known.indexOf(item.key) < 0; });
    clear();
    state.organisation = $("organisation").value = carnet.organisation;
    state.items = state.items.concat(fresh);
    keep();
    list();
    const lost = carnet.contributions.length - sound.length;
    tell("Carnet repris : " + counted(fresh.length)
      + (lost ? " ; " + lost + " illisible" + (lost > 1 ? "s" : "") + " laissée"
        + (lost > 1 ? "s" : "") + " de côté" : "") + ".");
    $("open").value = "";
    $("carnet").querySelector("h2").focus();
    return undefined;
  }

  // --- start -------------------------------------------------------------------------

  restore();
  each(".charte-nojs", function (part) { show(part, false); });
  each(SECTION + " h2", function (heading) {
    heading.textContent = "Texte soumis, version " + said.version;
  });
  show($("carnet"), true);
  if (state.organisation) { $("organisation").value = state.organisation; }
  state.organisation = $("organisation").value;

  $("organisation").addEventListener("change", function () {
    state.organisation = $("organisation").value;
    mended($("organisation"));
    keep();
  });
  $("unit").addEventListener("change", function () {
    go(document.getElementById($("unit").value));
    $("unit").focus();
  });
  $("form").addEventListener("input", function (event) {
    if (event.target.matches("input, textarea")) { mended(event.target); }
    if (event.target.name === "operation") { operate(); }
    if (event.target.name === "kind") { adapt(); }
    state.drafts[unit.id] = draft();
    keep();
  });
  $("form").addEventListener("submit", verify);
  $("take").addEventListener("click", function () {
    const selected = window.getSelection();
    const inside = selected.rangeCount && unit.contains(selected.getRangeAt(0).startContainer);
    const text = inside ? selected.toString().trim() : "";
    if (text) {
      $("passage").value = text;
      $("form").dispatchEvent(new Event("input"));
    }
    $("passage_hint").textContent = text ? "Passage repris."
      : "Sélectionnez d’abord des mots dans le texte soumis, ou recopiez-les ici.";
    $("passage").focus();
  });
  $("add").addEventListener("click", add);
  $("modify").addEventListener("click", function () {
    writing();
    $("form").querySelector("h2").tabIndex = -1;
    $("form").querySelector("h2").focus();
  });
  $("save").addEventListener("click", save);
  $("copy").addEventListener("click", copy);
  $("more").addEventListener("click", function () {
    writing();
    document.querySelector("h1").focus();
  });
  $("keep").addEventListener("change", function () {
    if (!$("keep").checked) {
      try { local().removeItem(STORE); } catch (error) { /* nothing was kept */ }
    }
    keep();
  });
  $("open").addEventListener("change", function () {
    const chosen = $("open").files[0];
    if (!chosen) { return; }
    if (chosen.size > Number(said.maxBytes)) {
      refuse("Ce fichier est trop gros pour être un carnet.");
      return;
    }
    const reader = new FileReader();
    reader.onload = function () { opened(String(reader.result)); };
    reader.onerror = function () { refuse("Ce fichier ne se lit pas."); };
    reader.readAsText(chosen);
  });
  window.addEventListener("hashchange", function () {
    const section = asked();
    if (section && section !== unit) { choose(section, true); }
  });

  list();
  if (state.items.length && !state.saved) {
    tell("Ce carnet n’est pas encore enregistré dans un fichier.");
  }
  choose(asked() || document.querySelector(SECTION), Boolean(asked()));
})();
