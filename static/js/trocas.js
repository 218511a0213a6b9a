// What htmx brings: failures, an ended session, focus after a swap.
import { falhaDeAtualizacao } from "./andamento.js";
import { avisar, mensagemDeErro } from "./avisos.js";
import { $, $$ } from "./base.js";
import { guardarFoco, pagarFoco } from "./foco.js";
import { alterados } from "./formularios.js";
import { estadoDe, soltarMarcas } from "./grade.js";

document.addEventListener("htmx:sendError", ({ detail: { elt } }) => {
  if (!falhaDeAtualizacao(elt, 0)) avisar(mensagemDeErro(0), "erro");
});
document.addEventListener("htmx:timeout", ({ detail: { elt } }) => {
  if (falhaDeAtualizacao(elt, 0)) return;
  avisar("A resposta demorou demais. Recarregue a página (F5) para ver se o pedido foi feito antes de repetir.", "erro");
});
document.addEventListener("htmx:responseError", ({ detail: { elt, xhr } }) => {
  if (falhaDeAtualizacao(elt, xhr.status)) return;
  const texto = xhr.getResponseHeader("Content-Type")?.startsWith("text/plain") && xhr.responseText.length < 400 ? xhr.responseText.trim() : "";
  avisar(texto || mensagemDeErro(xhr.status), "erro");
});
document.addEventListener("htmx:swapError", () => avisar("A tela não pôde ser atualizada. Recarregue a página (F5).", "erro"));

document.addEventListener("htmx:configRequest", ({ detail, target }) => {
  if (!target.matches?.("form[data-lista]")) return;
  const atual = new URLSearchParams(location.search);
  for (const nome of ["ordem", "tamanho"]) if (atual.get(nome)) detail.parameters[nome] = atual.get(nome);
  for (const [nome, valor] of Object.entries(detail.parameters)) if (valor === "") delete detail.parameters[nome];
});

// A whole page where a fragment was due: the session ended, or the view redirected. Go there, do not paste it.
document.addEventListener("htmx:beforeSwap", (e) => {
  const { xhr, requestConfig, boosted } = e.detail;
  const destino = new URL(xhr.responseURL || location.href, location.href);
  const pedido = new URL(requestConfig.path, location.href);
  if (boosted || destino.pathname === pedido.pathname || !/^\s*<!doctype html/i.test(xhr.responseText)) return;
  e.detail.shouldSwap = false;
  if (destino.searchParams.has("next")) destino.searchParams.set("next", location.pathname + location.search);
  alterados.clear();
  location.assign(destino);
});

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const alvo = detail.target;
  guardarFoco(alvo);
  const { verb } = detail.requestConfig ?? {};
  if (verb && verb !== "get" && detail.xhr.status < 400) {
    const tabela = alvo?.matches?.("[data-grade]") ? alvo : alvo && $("[data-grade]", alvo);
    if (tabela) soltarMarcas(estadoDe(tabela));
  }
});
document.addEventListener("htmx:afterSettle", ({ detail }) => pagarFoco(detail.elt));

/** Whether a field holds something other than what the server sent. */
const mexido = (el) =>
  el.type === "checkbox" || el.type === "radio"
    ? el.checked !== el.defaultChecked
    : el.tagName === "SELECT"
      ? [...el.options].some((o) => o.selected !== o.defaultSelected) && $("option[selected]", el) !== null
      : el.value !== el.defaultValue;

// The back button brings the page as it was left: ask the server how things stand now, unless something typed would be lost.
window.addEventListener("pageshow", (e) => {
  if (!e.persisted) return;
  const lista = $("form[data-lista]");
  const digitado = [...alterados].some((f) => f.isConnected) || $$("main form[method=post] :is(input:not([type=hidden],[name=ids],[data-marca-pagina]),textarea,select)").some(mexido);
  if (digitado) return;
  if (lista) htmx.ajax("GET", location.href, { target: lista.getAttribute("hx-target"), swap: "outerHTML" });
  else location.reload();
});
