// A form that the server draws again while one types (data-rascunho): what was typed meanwhile stays, and it goes on being unsaved.
import { $, $$ } from "./base.js";
import { alterados } from "./formularios.js";

const TEXTOS = "input:not([type=hidden],[type=checkbox],[type=radio]),textarea";
const ESCOLHAS = "input:is([type=checkbox],[type=radio]),select:not([multiple])";
const CAMPOS = `${TEXTOS},${ESCOLHAS}`;
const pedidos = new WeakMap(); // request -> what the fields held when it left, what it replaces, what changed until its answer

const marca = (campo) => campo.type === "checkbox" || campo.type === "radio";
const valor = (campo) => (marca(campo) ? campo.checked : campo.value);
const valores = (parte) => new Map($$(CAMPOS, parte).filter((c) => c.id).map((c) => [c.id, valor(c)]));
function por(campo, dito) {
  if (marca(campo)) campo.checked = dito;
  else if (campo.tagName !== "SELECT" || [...campo.options].some((o) => o.value === dito)) campo.value = dito; // what is no longer offered was not chosen
}
/** What of a draft `alvo` would replace: the whole form, or the part of it that `alvo` is. */
const rascunhoEm = (alvo) => (alvo?.isConnected ? ($("form[data-rascunho]", alvo) ?? (alvo.closest("form[data-rascunho]") && alvo)) : null);

document.addEventListener("htmx:beforeRequest", ({ detail: { target, xhr } }) => {
  const parte = rascunhoEm(target);
  if (parte) pedidos.set(xhr, { antes: valores(parte), alvo: target.id, mudados: new Map() });
});

document.addEventListener("htmx:beforeSwap", ({ detail: { target, xhr } }) => {
  const pedido = pedidos.get(xhr);
  const parte = pedido && rascunhoEm(target);
  if (!parte) return;
  pedido.abertos = $$("details[open][id]", parte).map((grupo) => grupo.id);
  pedido.mudados = new Map([...valores(parte)].filter(([id, dito]) => pedido.antes.has(id) && pedido.antes.get(id) !== dito));
  const foco = document.activeElement;
  if (pedido.mudados.has(foco.id) && foco.matches(TEXTOS)) pedido.cursor = [foco.selectionStart, foco.selectionEnd];
});

document.addEventListener("htmx:afterSwap", ({ detail: { xhr } }) => {
  const pedido = pedidos.get(xhr);
  for (const id of pedido?.abertos ?? []) document.getElementById(id)?.setAttribute("open", ""); // as it was left
  for (const [id, dito] of pedido?.mudados ?? []) {
    const campo = document.getElementById(id);
    if (!campo) continue;
    por(campo, dito);
    if (campo === document.activeElement && pedido.cursor?.[0] != null) campo.setSelectionRange(...pedido.cursor);
  }
});

// Only now do the new parts listen: what they compute takes in what was typed since the request left.
document.addEventListener("htmx:afterSettle", ({ detail: { xhr } }) => {
  const pedido = pedidos.get(xhr);
  if (!pedidos.delete(xhr)) return;
  const parte = (pedido.alvo && document.getElementById(pedido.alvo)) || $("form[data-rascunho]");
  if (!parte) return;
  const campo = $$(TEXTOS, parte).find((c) => c.value !== c.defaultValue);
  campo?.dispatchEvent(new Event("input", { bubbles: true }));
  for (const posto of $$(CAMPOS, parte).filter((c) => pedido.mudados.has(c.id) && !c.matches("[role=combobox]"))) dizerMudado(posto);
});

/** To the browser nobody changed what was put back: its `change` is said here, once whoever types has left it. */
function dizerMudado(campo) {
  const dizer = () => campo.dispatchEvent(new Event("change", { bubbles: true }));
  if (campo !== document.activeElement || campo.matches(ESCOLHAS)) return dizer(); // a choice is made at once
  const espera = new AbortController();
  campo.addEventListener("change", () => espera.abort(), { signal: espera.signal });
  campo.addEventListener("blur", dizer, { once: true, signal: espera.signal });
}

document.addEventListener("htmx:load", ({ target }) => {
  const form = target.matches?.("form[data-nao-salva]") ? target : $("form[data-nao-salva]", target);
  if (form) alterados.add(form);
});

// Saved, and on to another page: nothing is left to lose.
document.addEventListener("htmx:beforeOnLoad", ({ detail: { xhr } }) => {
  if (!xhr.getResponseHeader("HX-Redirect")) return;
  alterados.clear();
  for (const erros of $$("form[data-guardar-saida] [data-erros]")) erros.removeAttribute("data-erros");
});

// A part drawn for the first time takes the focus (data-focar), also from a field that htmx gave it back to.
document.addEventListener("htmx:afterSettle", ({ detail: { target } }) => {
  const novo = document.contains(target) ? $("[data-focar]", target) : $("form[data-rascunho] [data-focar]");
  if (!novo) return;
  novo.removeAttribute("data-focar"); // once: what is swapped later takes no focus from where one types
  $("[role=combobox],input:not([type=hidden]),textarea", novo)?.focus();
});

// A send that failed leaves the form as unsaved as it was.
for (const evento of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(evento, ({ detail: { elt } }) => elt.matches?.("form[data-guardar-saida]") && alterados.add(elt));
}

// What opens in another tab is sent from a copy, so that this form stays as it is and unlocked.
document.addEventListener("click", (e) => {
  const botao = e.target.closest("button[data-outra-aba]");
  if (!botao?.form) return;
  e.preventDefault();
  const copia = Object.assign(document.createElement("form"), { method: "post", action: botao.formAction, target: "_blank", hidden: true });
  for (const [nome, valor] of new FormData(botao.form)) {
    copia.append(Object.assign(document.createElement("input"), { type: "hidden", name: nome, value: valor }));
  }
  document.body.append(copia);
  copia.submit();
  copia.remove();
});
