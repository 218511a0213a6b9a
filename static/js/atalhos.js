// Keyboard shortcuts, declared by data-atalho.
import { avisar, motivoDe } from "./avisos.js";
import { $, $$, CAMPO, visivel } from "./base.js";
import { dialogoAberto, escopo, pedirParaFechar } from "./dialogos.js";
import { focarLinha, linhaAtual, marcarAtualSePreciso, teclaNaGrade } from "./grade.js";
import { abrirLookup, teclaNoLookup } from "./lookup.js";
import { mascarar } from "./mascaras.js";
import { teclaNaPlanilha } from "./planilha.js";

function nomeDaTecla(e) {
  if (e.key === "?" || e.key === "/") return e.key; // AltGr on some keyboards, so before the modifiers
  if (e.altKey || e.metaKey) return "";
  const tecla = e.key.length === 1 ? e.key.toUpperCase() : e.key;
  return `${e.ctrlKey ? "Ctrl+" : ""}${e.shiftKey ? "Shift+" : ""}${tecla}`;
}

const painelDeFiltros = () => $(".offcanvas.showing, .offcanvas.show:not(.hiding)");

export function alvosDoAtalho(tecla) {
  const raiz = escopo();
  const todos = $$("[data-atalho]", painelDeFiltros() ?? raiz).filter(
    (el) => el.dataset.atalho.split(" ").includes(tecla) && visivel(el) && (raiz !== document || !el.closest("dialog")) && parte(el) >= 0,
  );
  const perto = (el) => (parte(el) ? 0 : el.closest("main,dialog") ? 1 : 2);
  return todos.toSorted((a, b) => perto(a) - perto(b));
}

/** One of several like parts of a page (data-atalho-aqui): 1 in that with the focus, -1 in another, 0 outside them. */
function parte(el) {
  const aqui = el.closest("[data-atalho-aqui]");
  return aqui ? (aqui.contains(document.activeElement) ? 1 : -1) : 0;
}

const vaiEscrever = (el) => el?.matches?.(CAMPO) && !el.readOnly;
const valeAoDigitar = (tecla) => /^(Shift\+)?F\d+$|^Shift\+Page(Up|Down)$|^Ctrl\+Enter$|^Escape$/.test(tecla);

// On window and in capture: the state of lists and menus is read before anything closes them.
window.addEventListener(
  "keydown",
  (e) => {
    if (e.isComposing || e.defaultPrevented) return;
    const foco = document.activeElement;
    if (foco?.matches("[role=combobox]") && teclaNoLookup(e, foco)) return;
    if ($(".dropdown-menu.show, .offcanvas.show, .offcanvas-lg.show") && e.key === "Escape") return;
    if (foco?.closest(".dropdown-menu.show")) return;
    if (teclaNaPlanilha(e, foco)) return;
    if (teclaNaGrade(e, foco) || entrarNaGrade(e, foco)) return;
    atalho(e, foco);
  },
  true,
);

/** With the focus nowhere, or on what the last act said, an arrow goes to the list, as when a desktop program opens one; from the search of the list, the one down does. */
function entrarNaGrade(e, foco) {
  const daBusca = e.key === "ArrowDown" && foco?.matches("input[type=search]");
  const noVazio = !foco || foco === document.body || foco.matches("[data-mensagem]");
  if (!(daBusca || noVazio) || e.ctrlKey || e.altKey || e.metaKey || !["ArrowDown", "ArrowUp"].includes(e.key)) return false;
  const linha = $$("[data-grade]", escopo()).filter(visivel).map(linhaAtual).find(Boolean);
  if (!focarLinha(linha)) return false;
  e.preventDefault();
  return true;
}

function atalho(e, foco) {
  const tecla = nomeDaTecla(e);
  if (!tecla || (e.repeat && tecla !== "Escape")) return;
  const filtrando = tecla === "Enter" && foco?.matches(CAMPO) && painelDeFiltros()?.contains(foco);
  const digitando = vaiEscrever(foco) && !valeAoDigitar(tecla) && !filtrando;
  if (digitando && !alvosDoAtalho(tecla)[0]?.matches("[data-atalho-digitando]")) return;
  if (tecla === "Enter" && !filtrando && foco?.matches("a[href],button,summary,input:not([name=ids]),[role=combobox]")) return;
  if (tecla === "Escape" && foco?.matches("input[type=search]") && foco.value) return;
  const topo = dialogoAberto();
  if (tecla === "Escape" && topo) {
    e.preventDefault();
    e.stopPropagation();
    return void pedirParaFechar(topo);
  }
  const alvo = alvosDoAtalho(tecla)[0];
  if (!alvo) return;
  e.preventDefault();
  e.stopPropagation();
  if (alvo.matches("[role=combobox]")) return abrirLookup(foco?.matches("[role=combobox]") ? foco : alvo);
  if (alvo.matches(CAMPO)) return alvo.focus();
  marcarAtualSePreciso(alvo);
  if (alvo.disabled) return avisar(motivoDe(alvo), "atencao");
  if (foco) mascarar(foco); // the field keeps focus, so its change event has not come
  alvo.click();
  if (alvo.matches("[data-bs-toggle=dropdown]")) $(".dropdown-item", alvo.parentElement)?.focus();
}
