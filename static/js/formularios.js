// Forms: leaving with typed data, sending once.
import { $, $$ } from "./base.js";
import { confirmar, confirmarAntes, dizerTotais } from "./dialogos.js";
import { foraDaPagina, resumir } from "./grade.js";
import { assentarTodos, porAssentar } from "./lookup.js";

export const alterados = new Set();

document.addEventListener("input", (e) => {
  const form = e.target.form?.closest("[data-guardar-saida]");
  if (form) alterados.add(form);
});
document.addEventListener("change", (e) => {
  const form = e.target.form;
  if (e.target.matches("[role=combobox]")) return; // its hidden input speaks when the choice is settled
  if (form?.matches("[data-guardar-saida]")) alterados.add(form);
  if (form?.matches("[data-envia]")) form.requestSubmit();
  if (e.target.matches("[data-aciona]")) $(e.target.dataset.aciona)?.click();
});

window.addEventListener("beforeunload", (e) => {
  const pendente = [...alterados].some((f) => f.isConnected) || $("form[data-guardar-saida] [data-erros]");
  if (pendente) e.preventDefault();
});

// Capture: ask first, then let htmx or the browser send it.
document.addEventListener(
  "submit",
  (e) => {
    const form = e.target;
    if ("enviando" in form.dataset) {
      e.preventDefault();
      e.stopImmediatePropagation();
      return;
    }
    if (!form.matches("[data-envia]") && $$("[data-lookup]", form).some(porAssentar)) {
      e.preventDefault();
      e.stopImmediatePropagation();
      assentarTodos(form, e.submitter ?? undefined);
      return;
    }
    if (!("confirmar" in form.dataset)) return;
    if (form.reportValidity()) return void confirmarAntes(e, form, () => form.requestSubmit(e.submitter ?? undefined));
    e.preventDefault(); // nobody says yes to what is not filled in
    e.stopImmediatePropagation();
  },
  true,
);

document.addEventListener("submit", (e) => {
  const form = e.target;
  if (e.defaultPrevented || form.method === "dialog") return;
  alterados.delete(form);
  $("[data-erros]", form)?.removeAttribute("data-erros");
  if (form.method === "post" && !("semTrava" in form.dataset)) prender(form, e.submitter);
});

const botoesDe = (el) => (el.tagName === "FORM" ? [...el.elements].filter((b) => b.type === "submit") : [el]);

/** Stop a second send while the first has no answer. aria-disabled keeps focus and the submitter's value. */
function prender(el, acionado = null) {
  el.dataset.enviando = "";
  travados.set(el, botoesDe(el));
  for (const botao of botoesDe(el).filter((b) => b.matches("button,a,input[type=submit]"))) {
    if (botao.getAttribute("aria-disabled") === "true") continue;
    botao.setAttribute("aria-disabled", "true");
    botao.dataset.preso = "";
    if (botao !== (acionado ?? botoesDe(el)[0]) || botao.tagName !== "BUTTON" || botao.matches(".dropdown-item,.btn-icone")) continue;
    botao.dataset.enviando = "";
    botao.style.minWidth = `${botao.offsetWidth}px`; // a shorter label must not slide a neighbour under the pointer
    rotulos.set(botao, [...botao.childNodes]);
    botao.replaceChildren(botao.dataset.rotuloEnviando ?? "Enviando…");
  }
}
const rotulos = new WeakMap();
const travados = new WeakMap(); // form -> its buttons: those outside it belong to another once the answer replaced it

function soltar(el) {
  delete el.dataset.enviando;
  for (const botao of [el, ...(travados.get(el) ?? botoesDe(el))]) {
    if (!("preso" in botao.dataset)) continue;
    delete botao.dataset.preso;
    delete botao.dataset.enviando;
    botao.removeAttribute("aria-disabled");
    if (rotulos.has(botao)) botao.replaceChildren(...rotulos.get(botao));
    botao.style.minWidth = "";
    rotulos.delete(botao);
  }
  for (const tabela of $$("[data-grade]")) resumir(tabela, foraDaPagina(tabela));
  dizerTotais();
}

window.addEventListener("pageshow", (e) => {
  if (e.persisted) for (const el of $$("[data-enviando]")) soltar(el);
});

// A search, a page or a sort would replace a sheet with values not yet sent: ask, as leaving the page does.
document.addEventListener("htmx:confirm", (e) => {
  const { target, elt, issueRequest } = e.detail;
  const perdidos = [...alterados].filter((f) => f.isConnected && target?.contains?.(f) && !f.contains(elt));
  if (!perdidos.length) return;
  e.preventDefault();
  confirmar({
    titulo: "Perder o que foi digitado?",
    texto: "Há valores digitados que ainda não foram gravados. Se continuar, eles se perdem.",
    acao: "Perder e continuar",
    tom: "perigo",
  }).then((sim) => {
    if (!sim) return;
    for (const form of perdidos) alterados.delete(form);
    issueRequest(true);
  });
});

document.addEventListener("htmx:afterRequest", ({ detail: { requestConfig, successful } }) => {
  const { elt } = requestConfig; // also when the answer replaced it, and the event comes from what is left around it
  if ("enviando" in elt.dataset) soltar(elt);
  if (successful && elt.tagName === "FORM") alterados.delete(elt);
});

document.addEventListener("htmx:beforeRequest", ({ detail: { elt, requestConfig } }) => {
  if ("semTrava" in elt.dataset || !elt.matches("form,button,a.btn")) return;
  if (requestConfig.verb !== "get") prender(elt, requestConfig.triggeringEvent?.submitter);
  else if (elt.tagName !== "FORM") elt.dataset.enviando = "";
});
