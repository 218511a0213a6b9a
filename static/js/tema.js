// Runs before the first paint: the theme and the folded menu come from this browser's own memory.
(() => {
  "use strict";
  const raiz = document.documentElement;
  const escuro = window.matchMedia("(prefers-color-scheme: dark)");
  const ler = (chave) => {
    try {
      return localStorage.getItem(chave);
    } catch {
      return null; // storage blocked by the browser: follow the system
    }
  };
  const aplicar = () => {
    const tema = ler("guiche.tema");
    const usado = tema === "light" || tema === "dark" ? tema : escuro.matches ? "dark" : "light";
    raiz.setAttribute("data-bs-theme", usado);
  };
  aplicar();
  if (ler("guiche.menu") === "recolhido") raiz.dataset.menu = "recolhido";
  escuro.addEventListener("change", aplicar);
  window.addEventListener("storage", aplicar);
  document.addEventListener("guiche:tema", aplicar);
})();
