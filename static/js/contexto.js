// The context of the top bar: the arrows of the competência.
import { $ } from "./base.js";
import { MASCARAS } from "./mascaras.js";

export function mudarCompetencia(botao) {
  const campo = $("input", botao.parentElement);
  const [mes, ano] = (MASCARAS.competencia(campo.value) ?? "").split("/").map(Number);
  if (!mes) return campo.focus();
  const data = new Date(ano, mes - 1 + Number(botao.dataset.competenciaPasso), 1);
  campo.value = `${String(data.getMonth() + 1).padStart(2, "0")}/${data.getFullYear()}`;
  campo.dispatchEvent(new Event("change", { bubbles: true }));
}
