// Grids: current row, marks, keyboard.
import { anunciar, avisar } from "./avisos.js";
import { $, $$, INTERATIVO, numero } from "./base.js";

// State by grid name: it outlives the table, which htmx replaces on every page, sort and search.
export const estados = new Map();
export const nomeDaGrade = (tabela) => tabela.dataset.grade || tabela.id || "grade";
const linhasDe = (tabela) => $$(":scope > tbody > tr[data-id]", tabela);
const caixaDe = (linha) => $(".marca input[type=checkbox]", linha);
const marcavel = (linha) => caixaDe(linha) && !caixaDe(linha).disabled;

export function estadoDe(tabela) {
  const nome = nomeDaGrade(tabela);
  if (!estados.has(nome)) estados.set(nome, { marcadas: new Set(), todas: false, menos: new Set(), atual: null, ancora: null, indice: 0 });
  return estados.get(nome);
}

/** The grid a button speaks of: named by data-exige-marcadas/data-contagem-marcadas, else the one around or near it. */
export function gradeDe(el) {
  const nome = el.dataset.gradeAlvo;
  const raiz = el.closest("dialog") ?? document;
  if (nome) return $(`[data-grade="${CSS.escape(nome)}"]`, raiz);
  return el.closest("[data-grade]") ?? $$("[data-grade]", raiz).find((t) => raiz !== document || !t.closest("dialog")) ?? null;
}

const totalDe = (tabela) => Number(tabela.dataset.total ?? linhasDe(tabela).filter(marcavel).length);
export function contar(tabela) {
  const estado = estadoDe(tabela);
  return estado.todas ? Math.max(0, totalDe(tabela) - estado.menos.size) : estado.marcadas.size;
}
const marcadaEm = (estado, id) => (estado.todas ? !estado.menos.has(id) : estado.marcadas.has(id));
export const linhaAtual = (tabela) => linhasDe(tabela).find((l) => l.dataset.id === estadoDe(tabela).atual) ?? null;

/** What a list shows, however it is sorted and cut into pages. */
function filtroDe(tabela) {
  const params = new URLSearchParams(tabela.dataset.filtro ?? "");
  for (const nome of ["ordem", "tamanho"]) params.delete(nome);
  return params.toString();
}

export function soltarMarcas(estado) {
  estado.todas = false;
  estado.marcadas.clear();
  estado.menos.clear();
}

export function prepararGrade(tabela) {
  const primeira = !estados.has(nomeDaGrade(tabela)); // the page came before this script, and what was ticked meanwhile stays
  const estado = estadoDe(tabela);
  tabela.setAttribute("role", "grid");
  tabela.setAttribute("aria-multiselectable", "true");
  if (estado.todas && estado.filtro !== filtroDe(tabela)) soltarMarcas(estado); // "all filtered" speaks of one filter only
  const linhas = linhasDe(tabela);
  const pagina = primeira && $("[data-marca-pagina]", tabela)?.checked;
  for (const linha of linhas) {
    linha.tabIndex = -1;
    const caixa = caixaDe(linha);
    if (caixa?.defaultChecked || (primeira && marcavel(linha) && (pagina || caixa.checked))) estado.marcadas.add(linha.dataset.id);
  }
  const atual = linhaAtual(tabela) ?? linhas[Math.min(estado.indice, linhas.length - 1)];
  if (atual) tornarAtual(tabela, atual);
  pintarGrade(tabela);
}

function pintarGrade(tabela) {
  const estado = estadoDe(tabela);
  const linhas = linhasDe(tabela);
  const naTela = new Set();
  for (const linha of linhas) {
    const caixa = caixaDe(linha);
    if (!caixa) continue;
    const marcada = marcavel(linha) && marcadaEm(estado, linha.dataset.id);
    caixa.checked = marcada;
    linha.classList.toggle("marcada", marcada);
    linha.setAttribute("aria-selected", marcada);
    naTela.add(linha.dataset.id);
  }
  const possiveis = linhas.filter(marcavel);
  const marcadasAqui = possiveis.filter((l) => caixaDe(l).checked).length;
  const cabeca = $("[data-marca-pagina]", tabela);
  if (cabeca) {
    cabeca.checked = possiveis.length > 0 && marcadasAqui === possiveis.length;
    cabeca.indeterminate = marcadasAqui > 0 && marcadasAqui < possiveis.length;
    cabeca.disabled = possiveis.length === 0;
  }
  const fora = estado.todas ? [] : [...estado.marcadas].filter((id) => !naTela.has(id));
  escreverCampos(tabela, estado, fora);
  resumir(tabela, fora.length);
}

function escreverCampos(tabela, estado, fora) {
  let campos = $("[data-grade-campos]", tabela);
  if (!campos) {
    campos = document.createElement("span");
    campos.dataset.gradeCampos = "";
    campos.hidden = true;
    (tabela.caption ?? tabela.createCaption()).append(campos);
  }
  const nome = linhasDe(tabela).map(caixaDe).find(Boolean)?.name || "ids";
  const pares = [
    ["filtro", tabela.dataset.filtro ?? ""],
    ...(estado.todas ? [["todos", "1"], ...[...estado.menos].map((id) => ["menos", id])] : fora.map((id) => [nome, id])),
  ];
  campos.replaceChildren(
    ...pares.map(([n, v]) => Object.assign(document.createElement("input"), { type: "hidden", name: n, value: v })),
  );
}

function quantasMarcadas(tabela) {
  const n = contar(tabela);
  const { todas, menos } = estadoDe(tabela);
  const de = todas && menos.size ? ` de ${numero.format(totalDe(tabela))}` : "";
  const o = tabela.dataset.genero ?? "a";
  return `${numero.format(n)}${de} marcad${o}${n === 1 && !de ? "" : "s"}`;
}

export function resumir(tabela, fora) {
  const n = contar(tabela);
  const { todas, menos } = estadoDe(tabela);
  const resumo = $("[data-grade-resumo]", tabela);
  if (resumo) {
    const onde = fora ? ` (${numero.format(fora)} fora desta página)` : "";
    resumo.textContent = n ? ` · ${quantasMarcadas(tabela)}${onde}` : "";
  }
  const marcar = $("[data-marcar-todas]", tabela);
  if (marcar) marcar.hidden = (todas && !menos.size) || n === 0 || n >= totalDe(tabela);
  const soltar = $("[data-desmarcar]", tabela);
  if (soltar) soltar.hidden = n === 0;
  for (const el of $$("[data-contagem-marcadas]")) {
    if (gradeDe(el) === tabela) el.textContent = n ? numero.format(n) : "";
  }
  for (const botao of $$("[data-exige-marcadas]")) if (gradeDe(botao) === tabela) prenderBotao(botao, n);
}

// What marks all shows only once something is marked.
function comoMarcarTodas(botao, maximo) {
  const tabela = gradeDe(botao);
  const marcar = tabela && $("[data-marcar-todas]", tabela);
  if (!marcar || totalDe(tabela) < 2 || maximo < totalDe(tabela)) return "";
  return ` Com uma marcada, aparece “${marcar.textContent.trim().replace(/\s+/g, " ")}”.`;
}

export function prenderBotao(botao, n) {
  const maximo = Number(botao.dataset.maximoMarcadas ?? Infinity);
  const motivo = n === 0 ? `Marque ao menos uma linha (Espaço).${comoMarcarTodas(botao, maximo)}` : n > maximo ? `Marque só ${numero.format(maximo)} ${maximo === 1 ? "linha" : "linhas"}.` : "";
  if ("enviando" in botao.dataset) return;
  if (motivo) {
    botao.setAttribute("aria-disabled", "true");
    botao.dataset.motivo = motivo;
    botao.title = motivo;
  } else if (botao.getAttribute("aria-disabled") === "true") {
    botao.removeAttribute("aria-disabled");
    botao.removeAttribute("title");
    delete botao.dataset.motivo;
  }
}

function tornarAtual(tabela, linha) {
  const estado = estadoDe(tabela);
  for (const outra of $$(":scope > tbody > tr.atual", tabela)) {
    outra.classList.remove("atual");
    outra.tabIndex = -1;
  }
  linha.classList.add("atual");
  linha.tabIndex = 0;
  estado.atual = linha.dataset.id;
  estado.indice = linhasDe(tabela).indexOf(linha);
}

/** Whether the row took the focus: one behind an open dialog cannot. */
export function focarLinha(linha) {
  if (!linha) return false;
  linha.focus({ preventScroll: true });
  linha.scrollIntoView({ block: "nearest" });
  return document.activeElement === linha;
}

function definirMarcas(tabela, linhas, marcar) {
  const estado = estadoDe(tabela);
  const [ids, entra] = estado.todas ? [estado.menos, !marcar] : [estado.marcadas, marcar];
  for (const linha of linhas.filter(marcavel)) {
    if (entra) ids.add(linha.dataset.id);
    else ids.delete(linha.dataset.id);
  }
  if (estado.todas && contar(tabela) === 0) soltarMarcas(estado);
  pintarGrade(tabela);
  if (estado.todas) anunciar(`${quantasMarcadas(tabela)}.`);
}

function trecho(tabela, de, ate) {
  const linhas = linhasDe(tabela);
  const [a, b] = [linhas.findIndex((l) => l.dataset.id === de), linhas.indexOf(ate)];
  return a < 0 ? [ate] : linhas.slice(Math.min(a, b), Math.max(a, b) + 1);
}

export function marcarTodas(tabela) {
  const estado = estadoDe(tabela);
  soltarMarcas(estado);
  estado.todas = true;
  estado.filtro = filtroDe(tabela);
  pintarGrade(tabela);
  focarLinha(linhaAtual(tabela));
  anunciar(`Todas as ${numero.format(contar(tabela))} marcadas.`);
}

export function desmarcar(tabela) {
  soltarMarcas(estadoDe(tabela));
  pintarGrade(tabela);
  focarLinha(linhaAtual(tabela));
  anunciar("Nenhuma marcada.");
}

export function cliqueNaGrade(e) {
  const tabela = e.target.closest("[data-grade]");
  if (!tabela) return;
  const estado = estadoDe(tabela);
  if (e.target.matches("[data-marca-pagina]")) {
    definirMarcas(tabela, linhasDe(tabela), e.target.checked);
    anunciar(`${numero.format(contar(tabela))} marcadas.`);
    return;
  }
  const linha = e.target.closest("tr[data-id]");
  if (!linha || linha.closest("[data-grade]") !== tabela) return;
  const caixa = caixaDe(linha);
  if (e.target === caixa) {
    const linhas = e.shiftKey && estado.ancora ? trecho(tabela, estado.ancora, linha) : [linha];
    definirMarcas(tabela, linhas, caixa.checked);
    estado.ancora = linha.dataset.id;
    tornarAtual(tabela, linha);
    return;
  }
  if (e.target.closest(INTERATIVO)) return tornarAtual(tabela, linha);
  if (e.shiftKey) {
    getSelection()?.removeAllRanges();
    definirMarcas(tabela, trecho(tabela, estado.ancora ?? estado.atual, linha), true);
  } else estado.ancora = linha.dataset.id;
  if (e.ctrlKey) definirMarcas(tabela, [linha], !caixa?.checked);
  tornarAtual(tabela, linha);
  if (getSelection()?.isCollapsed ?? true) focarLinha(linha);
}

document.addEventListener("dblclick", (e) => {
  const linha = e.target.closest("[data-grade] tr[data-id]");
  if (!linha || e.target.closest(INTERATIVO)) return;
  getSelection()?.removeAllRanges();
  abrirLinha(linha);
});

document.addEventListener("mousedown", (e) => {
  if (e.shiftKey && e.target.closest("[data-grade] tr[data-id]")) e.preventDefault(); // no text selection on a range
});

document.addEventListener("focusin", (e) => {
  const linha = e.target.closest?.("[data-grade] tr[data-id]");
  if (linha) tornarAtual(linha.closest("[data-grade]"), linha);
});

function abrirLinha(linha) {
  const acao = $("[data-acao-padrao]", linha);
  if (!acao) return false;
  acao.click();
  return true;
}

export function teclaNaGrade(e, foco) {
  const linha = foco?.closest?.("[data-grade] tr[data-id]");
  if (!linha || e.ctrlKey || e.altKey || e.metaKey) return false;
  if (foco !== linha && !foco.matches(".marca input")) return false;
  const tabela = linha.closest("[data-grade]");
  const estado = estadoDe(tabela);
  const linhas = linhasDe(tabela);
  const i = linhas.indexOf(linha);
  const destino = { ArrowDown: i + 1, ArrowUp: i - 1, Home: 0, End: linhas.length - 1, PageDown: i + 10, PageUp: i - 10 }[e.key];
  if (destino !== undefined) {
    e.preventDefault();
    const nova = linhas[Math.max(0, Math.min(linhas.length - 1, destino))];
    if (e.shiftKey) {
      estado.ancora ??= linha.dataset.id;
      definirMarcas(tabela, trecho(tabela, estado.ancora, nova), true);
      anunciar(`${numero.format(contar(tabela))} marcadas.`);
    } else estado.ancora = nova.dataset.id;
    tornarAtual(tabela, nova);
    focarLinha(nova);
    return true;
  }
  if (e.key === " " && foco === linha) {
    e.preventDefault();
    if (!marcavel(linha)) {
      avisar(caixaDe(linha)?.dataset.motivo ?? "Esta linha não pode ser marcada.", "atencao");
      return true;
    }
    definirMarcas(tabela, [linha], !caixaDe(linha).checked);
    estado.ancora = linha.dataset.id;
    return true;
  }
  if (e.key === "Enter" && foco === linha && !e.shiftKey && $("[data-acao-padrao]", linha)) {
    e.preventDefault();
    e.stopPropagation();
    return abrirLinha(linha);
  }
  return false;
}

/** A shortcut pressed with nothing ticked acts on the current row, which gets its tick first, in plain view. */
export function marcarAtualSePreciso(botao) {
  if (!("exigeMarcadas" in botao.dataset)) return;
  const tabela = gradeDe(botao);
  const linha = document.activeElement?.closest?.("tr[data-id]");
  if (tabela && linha && contar(tabela) === 0 && tabela.contains(linha)) definirMarcas(tabela, [linha], true);
}

export function foraDaPagina(tabela) {
  const naTela = new Set(linhasDe(tabela).map((l) => l.dataset.id));
  return estadoDe(tabela).todas ? 0 : [...estadoDe(tabela).marcadas].filter((id) => !naTela.has(id)).length;
}

document.addEventListener("grade:desmarcar", () => $$("[data-grade]").forEach((t) => {
  soltarMarcas(estadoDe(t));
  pintarGrade(t);
}));
