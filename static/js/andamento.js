// What updates by itself, data-vivo: pausing, announcing, and going on when the server does not answer.
import { anunciar, avisar, mensagemDeErro } from "./avisos.js";
import { $ } from "./base.js";

let pausado = false;
let ultimoAnuncio = -Infinity;
let ultimoTexto = "";

const vivo = (el) => el?.matches?.("[data-vivo]") ?? false;
const terminou = (el) => el.matches("[data-fim]") || $("[data-fim]", el) !== null;

export function alternarPausa(botao) {
  pausado = !pausado;
  pintarPausa(botao);
  anunciar(pausado ? "Atualização pausada." : "Atualização retomada.");
  if (!pausado) htmx.trigger($(botao.dataset.pausar), "retomar");
}

export function pintarPausa(botao) {
  botao.setAttribute("aria-pressed", pausado);
  botao.textContent = pausado ? "Retomar atualização" : "Pausar atualização";
}

/** Say the progress politely: at most once in 10 s, and always when it ends. */
export function anunciarAndamento(el) {
  if (!$("[data-anuncio]", el)) return;
  const texto = $("[data-anuncio]", el).textContent.replace(/\s+/g, " ").trim();
  if (texto === ultimoTexto) return;
  if (!terminou(el) && performance.now() - ultimoAnuncio < 10000) return;
  ultimoAnuncio = performance.now();
  ultimoTexto = texto;
  anunciar(texto);
}

// What is asked for by itself puts off no end of a session (comum.middleware.keep_session).
document.addEventListener("htmx:configRequest", ({ detail: { elt, headers } }) => {
  if (vivo(elt)) headers["X-Vivo"] = "1";
});

document.addEventListener("htmx:beforeRequest", (e) => {
  const { elt } = e.detail;
  if (vivo(elt) && (pausado || document.hidden || terminou(elt))) e.preventDefault();
});

/** A failed poll shows one strip instead of a message each time; the next answer takes it away. */
function semConexao(falta) {
  const faixa = $("#sem-conexao");
  if (faixa.hidden !== falta) return;
  faixa.hidden = !falta;
  anunciar(falta ? faixa.textContent.trim() : "Conexão com o servidor de volta.");
}

export function falhaDeAtualizacao(el, status) {
  if (!vivo(el)) return false;
  if (status === 0 || status === 429 || status >= 500) semConexao(true);
  else {
    el.dataset.fim = ""; // asking again would be refused again
    avisar(mensagemDeErro(status), "erro");
  }
  return true;
}

document.addEventListener("htmx:afterRequest", ({ detail: { requestConfig, successful } }) => {
  if (successful && vivo(requestConfig.elt)) semConexao(false);
});
