// Lists on a phone: each row becomes a card (css/adaptacoes.css), so each cell must say which column it is.
import { $, $$ } from "./base.js";

const celular = matchMedia("(max-width: 575.98px)");
const LISTAS = "[data-grade],[data-grade-colar],[data-rotular]";

const texto = (el) => el.textContent.replace(/\s+/g, " ").trim();

function rotuloDe(th) {
  const copia = th.cloneNode(true);
  $$("[aria-hidden=true],.tirar", copia).forEach((el) => el.remove());
  return texto(copia);
}

/** Label the cells of a list. Does nothing on a wide screen, where the heading of the column is in sight. */
export function rotularCelulas(tabela) {
  if (!celular.matches || !tabela.matches(LISTAS) || !tabela.tHead) return;
  const rotulos = [...tabela.tHead.rows[0].cells].map(rotuloDe);
  // A total under each column is labelled like them; one that spans some says itself what it is.
  const totais = [...(tabela.tFoot?.rows ?? [])].filter((linha) => linha.cells.length === rotulos.length);
  for (const linha of [...tabela.tBodies[0].rows, ...totais]) {
    const titulo = $(":scope > th, :scope > .nome", linha);
    for (const celula of linha.cells) {
      const rotulo = celula !== titulo && celula.colSpan === 1 && !celula.matches(".acoes") ? rotulos[celula.cellIndex] : "";
      if (rotulo) celula.dataset.rotulo = rotulo;
      celula.toggleAttribute("data-vazia", !celula.childElementCount && !texto(celula));
    }
    if (titulo) titulo.dataset.titulo = "";
  }
  tabela.dataset.cartoes = "";
}

celular.addEventListener("change", () => $$(LISTAS).forEach(rotularCelulas));
