// What a script can add; every page works without it. It keeps nothing.
"use strict";

const policy = window.trustedTypes
  ? trustedTypes.createPolicy("app", { createHTML: (html) => html })
  : { createHTML: (html) => html };

// parse reads a page of ours without running anything in it.
const parse = (html) => new DOMParser().parseFromString(policy.createHTML(html), "text/html");

// Leave this page: hide first, then lock, then replace the page in the history.
const exit = document.querySelector("[data-exit]");
function leave() {
  document.documentElement.hidden = true;
  navigator.sendBeacon("/leave");
  location.replace("/calendar");
}
if (exit) {
  exit.addEventListener("click", (e) => { e.preventDefault(); leave(); });
  let shifts = [];
  addEventListener("keydown", (e) => {
    if (e.repeat) return;
    shifts = e.key === "Shift" ? [...shifts.slice(-2), e.timeStamp] : [];
    if (shifts.length === 3 && shifts[2] - shifts[0] < 1500) leave();
  });
}
// A page that the browser kept whole may show what is locked by now.
addEventListener("pageshow", (e) => { if (e.persisted) location.reload(); });

// The desk locks itself. Say so a minute before, and clear the screen in time.
const idle = Number(document.body.dataset.idle) * 1000;
const warning = document.getElementById("idle");
if (idle && warning) {
  let told = Date.now(), asked = told;
  const stay = async () => {
    asked = Date.now();
    const answer = await fetch("/stay", { method: "POST" }).catch(() => null);
    if (answer?.status === 204) told = asked;
  };
  // Someone who writes is here, even though the server hears nothing of it.
  addEventListener("input", () => { if (Date.now() - asked > 30000) stay(); });
  warning.querySelector("button").addEventListener("click", (e) => { e.preventDefault(); stay(); });
  setInterval(() => {
    const left = idle - (Date.now() - told);
    warning.hidden = left > Math.min(60000, idle / 2);
    if (left <= 0) document.getElementById("lock").requestSubmit();
  }, 1000);
}

// Show and hide a passphrase.
for (const button of document.querySelectorAll("[data-reveal]")) {
  const field = document.getElementById(button.dataset.reveal);
  button.hidden = false;
  button.addEventListener("click", () => {
    const show = field.type === "password";
    field.type = show ? "text" : "password";
    button.setAttribute("aria-pressed", show);
  });
}
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

// <form data-live="#region">: what is typed is sent after a short pause, and
// one region of the answer is put in place. Any doubt: send the form plainly.
for (const form of document.querySelectorAll("form[data-live]")) {
  let timer, running;
  const ask = async () => {
    running?.abort();
    running = new AbortController();
    try {
      const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), signal: running.signal });
      const found = answer.ok && parse(await answer.text()).querySelector(form.dataset.live);
      if (!found) return form.submit();
      document.querySelector(form.dataset.live).replaceWith(document.adoptNode(found));
    } catch (e) {
      if (e.name !== "AbortError") form.submit();
    }
  };
  form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, 250); });
  form.addEventListener("submit", (e) => { e.preventDefault(); clearTimeout(timer); ask(); });
}

// <form data-ask="/path">: after an answer, what follows from it is asked there,
// and only questions that came, went or have other choices are changed; what is
// typed and where the person is stays. Without an answer the button is there.
for (const form of document.querySelectorAll("form[data-ask]")) {
  const plain = form.querySelector("[data-plain]");
  if (plain) plain.hidden = true;
  let timer, running;
  const ask = async () => {
    running?.abort();
    running = new AbortController();
    const body = new URLSearchParams([...new FormData(form), ["live", "yes"]]);
    const answer = await fetch(form.dataset.ask, { method: "POST", body, signal: running.signal }).catch(() => null);
    const text = answer?.ok && await answer.text().catch(() => null); // an answer may be cut off by going on
    if (!text) return;
    const questions = (root) => [...root.querySelectorAll("[data-q]")];
    const now = new Map(questions(parse(text)).map((q) => [q.dataset.q, q]));
    for (const old of questions(form)) {
      const q = now.get(old.dataset.q);
      if (!q || !old.isConnected || old.contains(document.activeElement)) continue;
      if (old.dataset.v !== q.dataset.v) old.replaceWith(document.adoptNode(q));
      else old.hidden = q.hidden;
    }
  };
  const soon = (wait) => { clearTimeout(timer); timer = setTimeout(ask, wait); };
  if (plain) {
    form.addEventListener("input", () => soon(400));
    form.addEventListener("change", () => soon(50));
  }
}

// While the lists are being prepared, their progress is asked for; a page that
// is one of them is shown anew when they are whole, unless somebody types.
let typing = false;
addEventListener("input", () => { typing = true; });
if (document.getElementById("progress")) {
  const watch = setInterval(async () => {
    const answer = await fetch("/progress").catch(() => null);
    if (!answer) return;
    const now = answer.status === 200 && parse(await answer.text()).getElementById("progress");
    if (now) return document.getElementById("progress").replaceWith(document.adoptNode(now));
    clearInterval(watch);
    if (!typing && ["/today", "/cases"].includes(location.pathname)) return location.reload();
    document.getElementById("progress").remove();
  }, 2000);
}

// <div id data-watch="/path">: what shows how far something is, is asked for there again
// and again; when that leads elsewhere, the page is shown anew.
const seen = document.querySelector("[data-watch]");
if (seen) setInterval(async () => {
  const answer = await fetch(seen.dataset.watch, { redirect: "manual" }).catch(() => null);
  if (!answer) return;
  const now = answer.ok && parse(await answer.text()).getElementById(seen.id);
  if (now) document.getElementById(seen.id).replaceWith(document.adoptNode(now));
  else location.reload();
}, 2000);
