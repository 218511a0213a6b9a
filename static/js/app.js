// Behaviour of the screens, by event delegation, so that what htmx swaps in needs no wiring.
// Markup contracts and snippets: docs/telas.md.
import { abrirAjuda } from "./ajuda.js";
import { alternarPausa, anunciarAndamento, pintarPausa } from "./andamento.js";
import { alternarMenu, escolherTema, marcarTema } from "./aparencia.js";
import { anunciar, avisar, motivoDe } from "./avisos.js";
import { $, $$ } from "./base.js";
import { rotularCelulas } from "./cartoes.js";
import { mudarCompetencia } from "./contexto.js";
import { confirmarAntes, pedirParaFechar, responder } from "./dialogos.js";
import { perdido } from "./foco.js";
import { cliqueNaGrade, desmarcar, foraDaPagina, gradeDe, marcarTodas, prenderBotao, prepararGrade, resumir } from "./grade.js";
import { abrirLookup, escolher } from "./lookup.js";
import { vigiarRolagem } from "./rolagem.js";
import "./atalhos.js";
import "./copiar.js";
import "./formularios.js";
import "./mascaras.js";
import "./planilha.js";
import "./rascunho.js";
import "./sessao.js";
import "./trocas.js";

// Capture, before htmx and Bootstrap: what is unavailable says why; what needs a yes asks first.
document.addEventListener(
  "click",
  (e) => {
    const preso = e.target.closest("[aria-disabled=true]:is(button,a)");
    if (preso || e.target.closest("[data-enviando]:is(button,a)")) {
      e.preventDefault();
      e.stopImmediatePropagation();
      if (preso && !("preso" in preso.dataset)) avisar(motivoDe(preso), "atencao");
      return;
    }
    // The product's own answer names every field at once; the browser's bubble would stop at the first.
    const envio = e.target.closest("button[type=submit], input[type=submit]");
    if (envio?.form?.method === "post") envio.form.noValidate = true;
    const pergunta = e.target.closest("[data-confirmar]:is(button,a)");
    if (pergunta && !pergunta.disabled) confirmarAntes(e, pergunta, () => pergunta.click());
  },
  true,
);

// Bootstrap, whose script comes first, has opened the menu: from the keyboard, its first item takes the focus.
document.addEventListener("click", (e) => {
  const botao = e.detail === 0 && e.target.closest("[data-bs-toggle=dropdown][aria-expanded=true]");
  if (botao) $(".dropdown-item:not(.disabled)", botao.parentElement)?.focus();
});
bootstrap.Dropdown.Default.popperConfig = { strategy: "fixed" }; // a menu inside a box that scrolls is not clipped

document.addEventListener("click", (e) => {
  const alvo = (seletor) => e.target.closest(seletor);
  let el;
  if ((el = alvo("[data-resposta]"))) return responder(el.dataset.resposta === "sim");
  if ((el = alvo("[data-fechar]"))) return void pedirParaFechar(el.closest("dialog"));
  if ((el = alvo("[data-dispensar]"))) return dispensar(el.closest(".mensagem"));
  if (alvo("[data-ajuda]")) return abrirAjuda();
  if ((el = alvo("[data-tema]"))) return escolherTema(el.dataset.tema);
  if (alvo("[data-menu-alterna]")) return alternarMenu();
  if ((el = alvo("[data-competencia-passo]"))) return mudarCompetencia(el);
  if ((el = alvo("[data-detalhe]"))) return alternarDetalhe(el);
  if ((el = alvo("[data-pausar]"))) return alternarPausa(el);
  if ((el = alvo("[data-erros] a[href^='#']"))) return irAoCampo(e, el);
  if ((el = alvo(".lookup-abrir"))) return abrirLookup($("[role=combobox]", el.parentElement));
  if ((el = alvo("[data-lookup] [role=option]"))) return escolher(el.closest("[data-lookup]"), el);
  if ((el = alvo("[data-marcar-todas]"))) return marcarTodas(gradeDe(el));
  if ((el = alvo("[data-desmarcar]"))) return desmarcar(gradeDe(el));
  cliqueNaGrade(e);
});

function irAoCampo(e, link) {
  const campo = document.getElementById(link.hash.slice(1));
  if (!campo) return;
  e.preventDefault();
  (campo.matches(":is(input,select,textarea)") ? campo : ($("input,select,textarea", campo) ?? campo)).focus();
}

function alternarDetalhe(botao) {
  const linha = document.getElementById(botao.dataset.detalhe);
  const abrir = botao.getAttribute("aria-expanded") !== "true";
  botao.setAttribute("aria-expanded", abrir);
  linha.hidden = !abrir;
}

function preparar(raiz) {
  const todos = (seletor) => [...(raiz.matches?.(seletor) ? [raiz] : []), ...$$(seletor, raiz)];
  todos("[data-grade]").forEach(prepararGrade);
  const aoRedor = raiz.parentElement?.closest("[data-grade]"); // a single row was swapped
  if (aoRedor) prepararGrade(aoRedor);
  [...todos("table"), ...(aoRedor ? [aoRedor] : [])].forEach(rotularCelulas);
  todos("[data-pausar]").forEach(pintarPausa);
  todos("[data-atalho]").forEach((el) => el.setAttribute("aria-keyshortcuts", el.dataset.atalho.replaceAll("Ctrl", "Control")));
  todos("[data-contagem-marcadas],[data-exige-marcadas]").forEach((el) => {
    const tabela = gradeDe(el);
    if (tabela) resumir(tabela, foraDaPagina(tabela));
    else if ("exigeMarcadas" in el.dataset) prenderBotao(el, 0);
  });
  todos("[data-filtros-ativos]").forEach((el) => {
    const contagem = $("#filtros-contagem");
    if (contagem) contagem.textContent = el.dataset.filtrosAtivos;
  });
  todos("[data-vivo]").forEach(anunciarAndamento);
  vigiarRolagem(raiz);
  const erros = todos("[data-erros]")[0];
  if (erros && !erros.closest("dialog")) erros.focus();
  const mensagem = todos("[data-mensagem]")[0];
  if (!mensagem) return;
  anunciar(todos("[data-mensagem]").map((m) => m.firstElementChild.textContent).join(" "));
  if (raiz === document && perdido() && !$("main [autofocus]")) mensagem.focus(); // an act that ended on a new page
}

function dispensar(mensagem) {
  const comFoco = mensagem.contains(document.activeElement);
  mensagem.remove();
  if (comFoco) ($("#mensagens [data-mensagem]") ?? $("#conteudo"))?.focus();
}

document.addEventListener("htmx:load", ({ target }) => target !== document.body && preparar(target));
preparar(document);
marcarTema();
