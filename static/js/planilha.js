// Sheet of cells, data-grade-colar: moving, pasting a block, undoing it.
import { avisar } from "./avisos.js";
import { $, $$, numero } from "./base.js";

const colagens = new WeakMap(); // table -> the values a paste replaced, until something else is typed

const celulasDe = (linha) => [...linha.cells].map((td) => $(":scope > input, :scope > select", td));

function posicaoNaPlanilha(campo) {
  const tabela = campo?.closest?.("[data-grade-colar]");
  const td = campo?.parentElement;
  if (!tabela || td?.tagName !== "TD") return null;
  const linhas = [...tabela.tBodies].flatMap((b) => [...b.rows]).filter((l) => $("input,select", l));
  return { tabela, linhas, y: linhas.indexOf(td.parentElement), x: td.cellIndex };
}

export function teclaNaPlanilha(e, foco) {
  const onde = posicaoNaPlanilha(foco);
  if (!onde || e.altKey || e.metaKey) return false;
  if (e.ctrlKey) {
    if (e.key.toLowerCase() !== "z" || !colagens.has(onde.tabela)) return false;
    e.preventDefault();
    desfazerColagem(onde.tabela);
    return true;
  }
  const texto = foco.tagName === "INPUT" && foco.type !== "checkbox";
  const inteiro = texto && foco.selectionStart === 0 && foco.selectionEnd === foco.value.length;
  let [dx, dy] = [0, 0];
  if (e.key === "Enter") dy = e.shiftKey ? -1 : 1;
  else if (e.shiftKey || foco.tagName === "SELECT") return false;
  else if (e.key === "ArrowDown") dy = 1;
  else if (e.key === "ArrowUp") dy = -1;
  else if (e.key === "ArrowRight" && texto && (inteiro || foco.selectionEnd === foco.value.length)) dx = 1;
  else if (e.key === "ArrowLeft" && texto && (inteiro || foco.selectionStart === 0)) dx = -1;
  else return false;
  e.preventDefault();
  const vizinha = proximaCelula(onde, dx, dy);
  vizinha?.focus();
  vizinha?.select?.();
  return true;
}

function proximaCelula({ linhas, x, y }, dx, dy) {
  for (let [i, j] = [y + dy, x + dx]; linhas[i] && j >= 0 && j < linhas[i].cells.length; i += dy, j += dx) {
    const celula = celulasDe(linhas[i])[j];
    if (celula && !celula.disabled && !celula.readOnly) return celula;
  }
  return null;
}

document.addEventListener("paste", (e) => {
  const onde = posicaoNaPlanilha(e.target);
  const texto = e.clipboardData?.getData("text/plain") ?? "";
  if (!onde || !/[\t\n\r]/.test(texto.replace(/[\r\n]+$/, ""))) return;
  e.preventDefault();
  const bloco = texto.replace(/\r\n?/g, "\n").replace(/\n+$/, "").split("\n").map((l) => l.split("\t"));
  const antes = [];
  let fora = 0;
  bloco.forEach((valores, i) => {
    const linha = onde.linhas[onde.y + i];
    const celulas = linha ? celulasDe(linha) : [];
    valores.forEach((valor, j) => {
      const celula = celulas[onde.x + j];
      if (!celula || celula.disabled || celula.readOnly) return void fora++;
      antes.push([celula, celula.value]);
      preencher(celula, valor.trim());
    });
  });
  for (const marcada of $$(".colada", onde.tabela)) marcada.classList.remove("colada");
  for (const [celula] of antes) celula.classList.add("colada");
  colagens.set(onde.tabela, antes);
  const n = antes.length;
  const resto = fora ? ` ${numero.format(fora)} ${fora === 1 ? "valor ficou" : "valores ficaram"} de fora da grade.` : "";
  avisar(`${numero.format(n)} ${n === 1 ? "célula colada" : "células coladas"}. Ctrl+Z desfaz.${resto}`, fora ? "atencao" : "ok");
});

let preenchendo = false;
function preencher(celula, valor) {
  preenchendo = true;
  celula.value = valor;
  celula.dispatchEvent(new Event("input", { bubbles: true }));
  celula.dispatchEvent(new Event("change", { bubbles: true }));
  preenchendo = false;
}

function desfazerColagem(tabela) {
  const antes = colagens.get(tabela);
  colagens.delete(tabela);
  for (const [celula, valor] of antes) {
    preencher(celula, valor);
    celula.classList.remove("colada");
  }
  avisar("Colagem desfeita.", "info");
}

document.addEventListener("input", (e) => {
  const tabela = !preenchendo && e.target.closest?.("[data-grade-colar]");
  if (tabela) colagens.delete(tabela); // from here on Ctrl+Z is the field's own
});

document.addEventListener("focusin", (e) => {
  if (e.target.matches?.("[data-grade-colar] td > input")) e.target.select();
});
