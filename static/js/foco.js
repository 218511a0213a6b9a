// Where the focus goes back to when what held it was replaced or closed.
import { $, $$, visivel } from "./base.js";
import { focarLinha, linhaAtual, nomeDaGrade } from "./grade.js";

// Owed until something takes the focus: a reply may replace the table more than once, and a dialog closes in between.
let devido = null;
export const perdido = () => !document.activeElement || document.activeElement === document.body;
document.addEventListener("focusin", () => (devido = null));
document.addEventListener("pointerdown", () => (devido = null));

/** Before `alvo` is replaced: remember the focus it holds. */
export function guardarFoco(alvo) {
  const foco = document.activeElement;
  if (perdido() || !alvo?.contains?.(foco)) return;
  const grade = foco.closest("[data-grade] tr[data-id]")?.closest("[data-grade]");
  devido = { alvo: alvo.id, grade: grade ? nomeDaGrade(grade) : null };
}

/** After a swap: give back what is owed; `elt` stands in for a target that went away. */
export function pagarFoco(elt = null) {
  if (!devido || !perdido()) return;
  const { alvo: id, grade: nome, raiz } = devido;
  const grades = $$("[data-grade]", raiz ?? document);
  if (raiz) return void grades.some((grade) => focarLinha(linhaAtual(grade)));
  const grade = nome && grades.find((t) => nomeDaGrade(t) === nome);
  if (grade && focarLinha(linhaAtual(grade))) return;
  const alvo = (id && document.getElementById(id)) || (elt?.isConnected ? elt : null);
  const outra = alvo && $("[data-grade]", alvo);
  if (!alvo || (outra && focarLinha(linhaAtual(outra)))) return;
  if (!alvo.hasAttribute("tabindex")) alvo.tabIndex = -1;
  alvo.focus({ preventScroll: true });
}

/** A dialog closed: back to what opened it or, if that is gone, to the current row of a grid in `raiz`. */
export function devolverFoco(origem, raiz) {
  if (!origem || origem === document.body) return;
  const vivo = origem.isConnected ? origem : origem.id ? document.getElementById(origem.id) : null;
  const menu = vivo?.closest(".dropdown-menu");
  const alvo = menu ? menu.parentElement.querySelector("[data-bs-toggle=dropdown]") : vivo;
  if (alvo && visivel(alvo)) return alvo.focus();
  devido = { raiz };
  pagarFoco();
}
