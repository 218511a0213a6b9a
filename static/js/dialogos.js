// Dialogs: opening, closing, focus, and the product's own confirmation.
import { $, $$, CAMPO, numero, visivel } from "./base.js";
import { devolverFoco } from "./foco.js";
import { contar, estados, gradeDe, nomeDaGrade } from "./grade.js";

const pilha = []; // open dialogs, the topmost last; one just closed stays until its event comes
const origens = new WeakMap();
const instantaneos = new WeakMap();
export const dialogoAberto = () => pilha.findLast((dialogo) => dialogo.open);
export const escopo = () => dialogoAberto() ?? document;

function retratar(raiz) {
  return $$("form", raiz)
    .map((f) => new URLSearchParams([...new FormData(f)].map(([n, v]) => [n, v instanceof File ? v.name : v])))
    .join("|");
}

export function abrirDialogo(dialogo, origem = document.activeElement) {
  if (!dialogo.open) {
    origens.set(dialogo, origem);
    dialogo.showModal();
    pilha.push(dialogo);
    dialogo.append($("#retorno")); // outside a modal everything is inert, the live region too
  }
  instantaneos.set(dialogo, retratar(dialogo));
}

function focarDialogo(dialogo) {
  const alvo =
    $("[data-erros]", dialogo) ??
    $("[autofocus]", dialogo) ??
    $$(`.dialogo-corpo :is(${CAMPO},input)`, dialogo).find((el) => !el.disabled && el.type !== "hidden" && visivel(el)) ??
    $$(".dialogo-corpo :is(a[href],button), .dialogo-pe .btn-primary", dialogo).find(visivel) ??
    $("h2", dialogo);
  alvo?.focus();
}

function sujo(dialogo) {
  return instantaneos.has(dialogo) && instantaneos.get(dialogo) !== retratar(dialogo);
}

export async function pedirParaFechar(dialogo) {
  if (dialogo.id === "confirmacao") return responder(false);
  if (sujo(dialogo)) {
    const descartar = await confirmar({
      titulo: "Descartar o que foi digitado?",
      texto: "Há dados nesta janela que ainda não foram enviados.",
      acao: "Descartar",
      tom: "perigo",
    });
    if (!descartar) return;
  }
  dialogo.close();
}

document.addEventListener(
  "close",
  ({ target: dialogo }) => {
    const posicao = pilha.indexOf(dialogo);
    if (posicao < 0) return;
    pilha.splice(posicao, 1);
    if (dialogo.open) return; // again, before the event came
    (dialogoAberto() ?? document.body).append($("#retorno"));
    if (dialogo.id === "dialogo-janela") {
      for (const tabela of $$("[data-grade]", dialogo)) estados.delete(nomeDaGrade(tabela));
      $("#dialogo").replaceChildren();
    }
    devolverFoco(origens.get(dialogo), escopo());
  },
  true,
);

document.addEventListener(
  "cancel",
  (e) => {
    if (!pilha.includes(e.target)) return;
    e.preventDefault();
    pedirParaFechar(e.target);
  },
  true,
);

let resolverConfirmacao = null;
const confirmados = new WeakSet();

/** Ask in the product's own dialog. Resolves to true or false. */
export function confirmar({ titulo = "Confirmar", texto, acao = "Confirmar", tom = "" }) {
  const dialogo = $("#confirmacao");
  $("#confirmacao-titulo").textContent = titulo;
  $("#confirmacao-texto").textContent = texto;
  const sim = $("[data-resposta=sim]", dialogo);
  $("span", sim).textContent = acao;
  sim.className = tom === "perigo" ? "btn btn-danger cheio" : "btn btn-primary";
  abrirDialogo(dialogo);
  (tom === "perigo" ? $("[data-resposta=nao]", dialogo) : sim).focus();
  return new Promise((resolver) => (resolverConfirmacao = resolver));
}

export function responder(resposta) {
  const resolver = resolverConfirmacao;
  resolverConfirmacao = null;
  $("#confirmacao").close();
  resolver?.(resposta);
}

/** {n}: how many are marked; {rotulo}: what the button itself says, in its [data-totais-de]. */
function comNumeros(texto, el) {
  texto = texto?.replaceAll("{rotulo}", $("[data-totais-de]", el)?.textContent ?? "");
  if (!texto?.includes("{n}")) return texto;
  const grade = gradeDe(el);
  return texto.replaceAll("{n}", numero.format(grade ? contar(grade) : 0));
}

// A button says what the totals come to. The last value typed may still be on its way when the question opens.
let perguntado = null;
export function dizerTotais() {
  for (const el of $$("[data-totais-de]")) el.textContent = $(el.dataset.totaisDe)?.dataset.dito ?? el.textContent;
  if (perguntado) $("#confirmacao-titulo").textContent = comNumeros(perguntado.dataset.confirmarTitulo, perguntado) ?? "Confirmar";
}
document.addEventListener("htmx:load", dizerTotais);

export function confirmarAntes(e, el, repetir) {
  if (confirmados.delete(el)) return false;
  e.preventDefault();
  e.stopImmediatePropagation();
  perguntado = el;
  confirmar({
    titulo: comNumeros(el.dataset.confirmarTitulo, el) ?? "Confirmar",
    texto: comNumeros(el.dataset.confirmar, el),
    acao: comNumeros(el.dataset.confirmarAcao, el) ?? "Confirmar",
    tom: el.dataset.confirmarTom ?? "",
  }).then((sim) => {
    perguntado = null;
    if (!sim) return;
    confirmados.add(el);
    repetir();
  });
  return true;
}

// Bootstrap gives the focus to the panel itself; its first field is where the work begins.
document.addEventListener("shown.bs.offcanvas", ({ target }) => $$(CAMPO, target).find(visivel)?.focus());

document.addEventListener("dialogo:fechar", () => $("#dialogo-janela").open && $("#dialogo-janela").close());

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target?.id !== "dialogo") return;
  const janela = $("#dialogo-janela");
  if (!$("#dialogo").children.length) return void (janela.open && janela.close());
  const { elt } = detail.requestConfig;
  const invalido = detail.xhr.status === 422;
  const antes = instantaneos.get(janela);
  const foco = document.activeElement; // the row, when its button was pressed by a shortcut
  abrirDialogo(janela, janela.contains(elt) ? origens.get(janela) : foco === document.body ? elt : foco);
  if (invalido && antes !== undefined) instantaneos.set(janela, antes); // typed data came back: still unsent
  focarDialogo(janela);
});
