// The pages without a log-in: copying, and dismissing what was said.
import "./copiar.js";

document.addEventListener("click", (e) => {
  e.target.closest("[data-dispensar]")?.closest(".mensagem")?.remove();
});
