// A box that scrolls sideways must be reachable by keyboard: a window made narrower, a <details> that opens or a longer
// text can make it scroll long after the page was drawn.
import { $$ } from "./base.js";

const CAIXAS = ".rola,.encaixe > .cartao";
const medidas = new ResizeObserver((vistos) => new Set(vistos.map(({ target }) => target.closest(CAIXAS))).forEach(tornarRolavel));

export function vigiarRolagem(raiz) {
  const aoRedor = raiz.parentElement?.closest(CAIXAS); // its content alone was swapped
  const caixas = [...(raiz.matches?.(CAIXAS) ? [raiz] : []), ...(aoRedor ? [aoRedor] : []), ...$$(CAIXAS, raiz)];
  for (const caixa of caixas) for (const el of [caixa, ...caixa.children]) medidas.observe(el);
}

const tornadas = new WeakMap(); // box -> the attributes that are of here

function tornarRolavel(caixa) {
  if (!caixa?.isConnected) return;
  if (caixa.scrollWidth <= caixa.clientWidth + 1) return deixarDeRolar(caixa);
  if (caixa.hasAttribute("tabindex")) return;
  const postos = { tabindex: "0", role: "region" };
  if (!caixa.hasAttribute("aria-label")) postos["aria-label"] = nomeDe(caixa);
  for (const [atributo, valor] of Object.entries(postos)) caixa.setAttribute(atributo, valor);
  tornadas.set(caixa, Object.keys(postos));
}

/** What no longer scrolls is no stop of the keyboard, but for who stands on it. */
function deixarDeRolar(caixa) {
  if (!tornadas.has(caixa) || caixa === document.activeElement) return;
  tornadas.get(caixa).forEach((atributo) => caixa.removeAttribute(atributo));
  tornadas.delete(caixa);
}

function nomeDe(caixa) {
  const titulo = $$("h1,h2,h3,summary").findLast((t) => t.compareDocumentPosition(caixa) & Node.DOCUMENT_POSITION_FOLLOWING);
  const nome = `${titulo?.textContent.replace(/\s+/g, " ").trim() ?? ""}: tabela, role para ver mais`;
  const iguais = $$("[role=region]").filter((r) => r.getAttribute("aria-label")?.startsWith(nome)).length;
  return iguais ? `${nome} (${iguais + 1})` : nome;
}
