// Messages: toasts, the live region, and the words of a failed request.
import { $, $$ } from "./base.js";

let anuncioPendente = 0;
export function anunciar(texto) {
  const regiao = $("#anuncio");
  if (!regiao || !texto) return;
  clearTimeout(anuncioPendente);
  regiao.textContent = "";
  anuncioPendente = setTimeout(() => (regiao.textContent = texto), 60);
}

/** Show a toast and say it in the live region. Errors stay until dismissed. tom: info, ok, atencao, erro. */
export function avisar(texto, tom = "info") {
  const avisos = $("#avisos");
  if (!avisos) return;
  $$(".mensagem", avisos).find((m) => m.dataset.texto === texto)?.remove();
  const caixa = document.createElement("div");
  caixa.className = `mensagem ${tom}`;
  caixa.dataset.texto = texto;
  const corpo = document.createElement("div");
  corpo.textContent = texto;
  const fechar = document.createElement("button");
  fechar.type = "button";
  fechar.className = "btn-icone";
  fechar.dataset.dispensar = "";
  fechar.setAttribute("aria-label", "Dispensar o aviso");
  fechar.textContent = "✕";
  caixa.append(corpo, fechar);
  avisos.append(caixa);
  while (avisos.children.length > 4) avisos.firstChild.remove();
  if (tom !== "erro") setTimeout(() => caixa.remove(), 7000);
  anunciar(texto);
}

export function motivoDe(el) {
  return el.dataset.motivo || el.title || "Esta ação não está disponível agora.";
}

const MENSAGENS = {
  0: "O servidor não respondeu. Confira a conexão e tente de novo; o que está na tela continua aqui.",
  400: "O pedido chegou incompleto. Recarregue a página (F5) e tente de novo.",
  401: "Sua sessão terminou. Entre de novo para continuar.",
  403: "Você não tem permissão para isto, ou a sessão mudou. Recarregue a página (F5); se continuar, fale com o administrador.",
  404: "Não encontrado: pode ter sido excluído, ou não está nas suas carteiras. Recarregue a lista (F5).",
  409: "Outra pessoa mudou este registro antes. Recarregue a página (F5) e confira.",
  413: "O arquivo ou o texto é grande demais. Divida-o e envie de novo.",
  429: "Muitos pedidos seguidos. Espere um minuto e tente de novo.",
  503: "O sistema está reiniciando ou ocupado. Espere um minuto e tente de novo; nada foi perdido.",
};

export function mensagemDeErro(status) {
  if (MENSAGENS[status]) return MENSAGENS[status];
  return status >= 500
    ? `Algo falhou do nosso lado (erro ${status}). Recarregue a página (F5) para ver se foi gravado antes de repetir; se continuar, avise o administrador.`
    : `O pedido não foi aceito (erro ${status}). Recarregue a página (F5) e tente de novo.`;
}

document.addEventListener("aviso", ({ detail }) => avisar(detail.texto, detail.tom ?? "info"));
