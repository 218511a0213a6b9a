// Theme and the folding of the side menu. The first paint is the work of tema.js.
import { $, $$, guardar } from "./base.js";

export function marcarTema() {
  let tema = "sistema";
  try {
    tema = localStorage.getItem("guiche.tema") ?? tema;
  } catch {
    // storage blocked: the system's theme is in use
  }
  for (const b of $$("[data-tema]")) b.setAttribute("aria-pressed", b.dataset.tema === tema);
}

export function escolherTema(tema) {
  guardar("guiche.tema", tema === "sistema" ? null : tema);
  document.dispatchEvent(new CustomEvent("guiche:tema"));
  marcarTema();
}

export function alternarMenu() {
  if (matchMedia("(max-width: 991.98px)").matches) {
    bootstrap.Offcanvas.getOrCreateInstance($("#menu")).toggle();
    return;
  }
  const raiz = document.documentElement;
  const recolher = raiz.dataset.menu !== "recolhido";
  if (recolher) raiz.dataset.menu = "recolhido";
  else delete raiz.dataset.menu;
  guardar("guiche.menu", recolher ? "recolhido" : null);
}

// Which groups of the menu a person folded: the server draws them so (config/menu.py). Not on toggle, which an open one
// also says when the page is drawn.
document.addEventListener("click", ({ target }) => {
  const clicado = target.closest("[data-menu-grupo] > summary")?.parentElement;
  if (!clicado) return;
  const dobrados = $$("[data-menu-grupo]").filter((grupo) => (grupo === clicado ? grupo.open : !grupo.open));
  document.cookie = `guiche_menu=${dobrados.map((grupo) => grupo.dataset.menuGrupo).join(".")}; path=/; max-age=31536000; samesite=lax`;
});
