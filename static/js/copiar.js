// [data-copiar="text"]: puts the text in the clipboard. Pages served without TLS have no clipboard of their own.
import { avisar } from "./avisos.js";

async function copiar(texto) {
  if (navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(texto);
      return true;
    } catch {
      // refused: the old way may still do
    }
  }
  const campo = document.createElement("textarea");
  campo.value = texto;
  campo.className = "visually-hidden";
  document.body.append(campo);
  campo.select();
  const feito = document.execCommand("copy");
  campo.remove();
  return feito;
}

document.addEventListener("click", async (e) => {
  const botao = e.target.closest("[data-copiar]");
  if (!botao) return;
  const feito = await copiar(botao.dataset.copiar);
  botao.focus();
  if (feito) avisar(botao.dataset.copiado ?? "Copiado.", "ok");
  else avisar("O navegador não deixou copiar. Selecione os números e use Ctrl+C.", "atencao");
});
