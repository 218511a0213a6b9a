// Lookup (F2): a field that searches as one types.
import { anunciar, avisar, mensagemDeErro } from "./avisos.js";
import { $, $$, numero, visivel } from "./base.js";

const buscas = new WeakMap(); // lookup -> { texto, controle, promessa, temporizador }

const pecasDoLookup = (lookup) => ({
  campo: $("[role=combobox]", lookup),
  lista: $("[role=listbox]", lookup),
  oculto: $("input[type=hidden]", lookup),
});

/** Fields of the same form that say where to search (data-com, "name" or "name:parameter"): [name, parameter]. Their
 * values go along, and when they change what was chosen is no longer among the options. */
const companheiros = (lookup) =>
  (lookup.dataset.com ?? "")
    .split(" ")
    .filter(Boolean)
    .map((par) => par.split(":"))
    .map(([nome, parametro = nome]) => [nome, parametro]);

document.addEventListener("change", ({ target: { form, name } }) => {
  if (!form || !name) return;
  for (const lookup of $$("[data-lookup][data-com]", form)) {
    if (companheiros(lookup).some(([nome]) => nome === name)) recomecar(lookup);
  }
});

/** Without what was chosen elsewhere, which is told; text not settled yet is looked for again. */
function recomecar(lookup) {
  const { campo, oculto } = pecasDoLookup(lookup);
  const digitado = porAssentar(lookup) ? campo.value.trim() : "";
  const tinha = oculto.value ? escolhido(campo) : "";
  definirLookup(lookup, "", "");
  if (digitado) {
    const antes = buscas.get(lookup);
    if (antes) antes.texto = null; // its answer is of the other place
    campo.value = digitado;
    assentarLookup(lookup);
  } else if (tinha) {
    const rotulo = $("label", lookup)?.firstChild.textContent.trim();
    if (rotulo) avisar(`${rotulo}: “${tinha}” foi apagado, porque o campo de que depende mudou. Escolha de novo (F2).`, "atencao");
  }
}

function escolhido(campo) {
  return (campo.dataset.escolhido ??= campo.defaultValue);
}

function fecharLookup(lookup) {
  const { campo, lista } = pecasDoLookup(lookup);
  if (lista.matches(":popover-open")) lista.hidePopover();
  campo.setAttribute("aria-expanded", "false");
  campo.removeAttribute("aria-activedescendant");
}

export function abrirLookup(campo) {
  campo.focus();
  campo.select();
  buscar(campo.closest("[data-lookup]"), campo.value === escolhido(campo) ? "" : campo.value);
}

function buscar(lookup, texto) {
  const anterior = buscas.get(lookup);
  anterior?.controle.abort();
  const controle = new AbortController();
  const promessa = (async () => {
    const url = new URL(lookup.dataset.url, location.href);
    url.searchParams.set("q", texto);
    for (const [nome, parametro] of companheiros(lookup)) {
      const valor = pecasDoLookup(lookup).campo.form?.elements[nome]?.value;
      if (valor) url.searchParams.set(parametro, valor);
    }
    const resposta = await fetch(url, { signal: controle.signal, headers: { "HX-Request": "true" }, credentials: "same-origin" });
    if (!resposta.ok || resposta.redirected) {
      throw Object.assign(new Error("lookup"), { status: resposta.redirected ? 401 : resposta.status });
    }
    mostrarOpcoes(lookup, await resposta.text());
  })().catch((erro) => {
    if (erro.name !== "AbortError") avisar(mensagemDeErro(erro.status ?? 0), "erro");
  });
  buscas.set(lookup, { texto, controle, promessa });
  return promessa;
}

function mostrarOpcoes(lookup, html) {
  const { campo, lista } = pecasDoLookup(lookup);
  lista.innerHTML = html;
  const opcoes = opcoesDe(lookup);
  $$("[role=option]", lista).forEach((o, i) => {
    o.id ||= `${lista.id}-${i}`;
    o.setAttribute("aria-selected", "false");
  });
  if (!$("[role=option]", lista)) {
    lista.innerHTML = '<li class="vazio-lista" role="option" aria-disabled="true" aria-selected="false">Nada encontrado. Procure por parte do código, do nome ou do CNPJ.</li>';
  }
  if (document.activeElement !== campo) return fecharLookup(lookup);
  campo.setAttribute("aria-expanded", "true");
  if (!lista.matches(":popover-open")) lista.showPopover();
  posicionarLista(campo, lista);
  if (opcoes.length) ativar(lookup, opcoes[0]);
  anunciar(opcoes.length === 1 ? "1 opção." : `${numero.format(opcoes.length)} opções.`);
}

function posicionarLista(campo, lista) {
  const onde = campo.getBoundingClientRect();
  lista.style.minWidth = `${Math.min(onde.width, innerWidth - 24)}px`;
  const acima = onde.bottom + lista.offsetHeight + 8 > innerHeight && onde.top > lista.offsetHeight;
  lista.style.top = `${acima ? onde.top - lista.offsetHeight - 2 : onde.bottom + 2}px`;
  lista.style.left = `${Math.max(8, Math.min(onde.left, innerWidth - lista.offsetWidth - 8))}px`;
}

for (const evento of ["scroll", "resize"]) {
  window.addEventListener(
    evento,
    () => $$(".lookup-lista:popover-open").forEach((lista) => posicionarLista($("[role=combobox]", lista.parentElement), lista)),
    { capture: true, passive: true },
  );
}

const opcoesDe = (lookup) => $$("[role=option]:not([aria-disabled=true])", lookup);
const existentes = (lookup) => opcoesDe(lookup).filter((o) => !o.dataset.criar);
const ativa = (lookup) => $("[role=option][aria-selected=true]", lookup);

function ativar(lookup, opcao) {
  for (const o of $$("[role=option]", lookup)) o.setAttribute("aria-selected", String(o === opcao));
  pecasDoLookup(lookup).campo.setAttribute("aria-activedescendant", opcao.id);
  if (visivel(opcao)) opcao.scrollIntoView({ block: "nearest" });
}

export function escolher(lookup, opcao) {
  if (opcao.getAttribute("aria-disabled") === "true") return;
  if (opcao.dataset.criar) return criar(lookup, opcao.dataset.criar);
  definirLookup(lookup, opcao.dataset.valor, opcao.dataset.rotulo ?? opcao.textContent.trim());
}

/** The option that creates what was not found (data-criar): its dialog answers with lookup:escolher. */
function criar(lookup, endereco) {
  const { campo } = pecasDoLookup(lookup);
  const url = new URL(endereco, location.href);
  url.searchParams.set("alvo", campo.id);
  fecharLookup(lookup);
  htmx.ajax("GET", url.pathname + url.search, { target: "#dialogo", swap: "innerHTML", source: campo });
}

document.addEventListener("lookup:escolher", ({ detail: { alvo, valor, rotulo } }) => {
  const lookup = document.getElementById(alvo)?.closest("[data-lookup]");
  if (lookup) definirLookup(lookup, valor, rotulo);
});

function definirLookup(lookup, valor, rotulo) {
  const { campo, oculto } = pecasDoLookup(lookup);
  campo.value = rotulo;
  campo.dataset.escolhido = rotulo;
  campo.removeAttribute("aria-invalid");
  fecharLookup(lookup);
  if (oculto.value === valor) return;
  oculto.value = valor;
  oculto.dispatchEvent(new Event("change", { bubbles: true }));
  if (rotulo) anunciar(`${rotulo}.`);
}

export const porAssentar = (lookup) => {
  const { campo } = pecasDoLookup(lookup);
  return campo.value.trim() !== escolhido(campo);
};

/** Settle typed text: a single match is taken, empty text clears. Anything else stays typed and marked as wrong, and
 * its form is not sent; the context of the top bar, which sends itself, goes back to what was chosen. */
async function assentarLookup(lookup) {
  const { campo } = pecasDoLookup(lookup);
  const texto = campo.value.trim();
  if (texto === escolhido(campo)) return fecharLookup(lookup);
  if ($("dialog[open]") && !lookup.closest("dialog")) return; // a dialog over the screen: what is typed below waits
  if (!texto) return definirLookup(lookup, "", "");
  clearTimeout(buscas.get(lookup)?.temporizador);
  const feita = buscas.get(lookup);
  await (feita?.texto === texto ? feita.promessa : buscar(lookup, texto));
  if (campo.value.trim() !== texto) return;
  const opcoes = existentes(lookup);
  const exata = opcoes.find((o) => o.dataset.codigo === texto) ?? (opcoes.length === 1 ? opcoes[0] : null);
  if (exata) return escolher(lookup, exata);
  if (document.activeElement === campo) return;
  recusarLookup(lookup, opcoes.length);
}

function recusarLookup(lookup, quantas) {
  const { campo } = pecasDoLookup(lookup);
  const texto = campo.value.trim();
  const volta = campo.form?.matches("[data-envia]");
  const problema = quantas ? `“${texto}” serve a mais de uma opção; escolha na lista (F2).` : `“${texto}” não foi encontrado.`;
  avisar(volta ? `${problema} Ficou o que estava.` : `${problema} Procure com F2, ou apague o campo.`, "atencao");
  if (volta) campo.value = escolhido(campo);
  else campo.setAttribute("aria-invalid", "true");
  fecharLookup(lookup);
}

/** Before a form goes: settle what is typed in its lookups; what cannot be settled keeps the form here. */
export async function assentarTodos(form, submitter) {
  for (const lookup of $$("[data-lookup]", form).filter(porAssentar)) {
    await assentarLookup(lookup);
    if (!porAssentar(lookup)) continue;
    if (document.activeElement === pecasDoLookup(lookup).campo) recusarLookup(lookup, existentes(lookup).length);
    pecasDoLookup(lookup).campo.focus();
    return;
  }
  form.requestSubmit(submitter);
}

export function teclaNoLookup(e, campo) {
  const lookup = campo.closest("[data-lookup]");
  const aberta = campo.getAttribute("aria-expanded") === "true";
  const usar = () => {
    e.preventDefault();
    e.stopPropagation();
    return true;
  };
  if (e.ctrlKey || e.altKey || e.metaKey) return false;
  if (e.key === "Escape" && aberta) {
    fecharLookup(lookup);
    campo.value = escolhido(campo);
    return usar();
  }
  if (e.key === "F2" || (e.key === "ArrowDown" && !aberta)) {
    abrirLookup(campo);
    return usar();
  }
  if ((e.key === "ArrowDown" || e.key === "ArrowUp") && aberta) {
    const opcoes = opcoesDe(lookup);
    const i = opcoes.indexOf(ativa(lookup)) + (e.key === "ArrowDown" ? 1 : -1);
    if (opcoes.length) ativar(lookup, opcoes[(i + opcoes.length) % opcoes.length]);
    return usar();
  }
  if (e.key === "Enter") {
    const pendente = campo.value.trim() !== escolhido(campo) && buscas.get(lookup)?.texto !== campo.value.trim();
    if (aberta && ativa(lookup) && !pendente) {
      escolher(lookup, ativa(lookup));
      return usar();
    }
    if (campo.value.trim() !== escolhido(campo)) {
      assentarLookup(lookup);
      return usar();
    }
  }
  return false;
}

document.addEventListener("input", (e) => {
  const lookup = e.target.matches?.("[role=combobox]") && e.target.closest("[data-lookup]");
  if (!lookup) return;
  escolhido(e.target);
  const colado = e.inputType === "insertFromPaste";
  const atual = buscas.get(lookup);
  clearTimeout(atual?.temporizador);
  const temporizador = setTimeout(() => (colado ? assentarLookup(lookup) : buscar(lookup, e.target.value.trim())), colado ? 0 : 200);
  buscas.set(lookup, { ...(atual ?? { controle: new AbortController() }), texto: null, temporizador });
});

document.addEventListener("focusout", (e) => {
  const lookup = e.target.matches?.("[role=combobox]") && e.target.closest("[data-lookup]");
  if (lookup && !lookup.contains(e.relatedTarget)) assentarLookup(lookup);
});

document.addEventListener("mousedown", (e) => {
  if (e.target.closest("[data-lookup] [role=listbox], .lookup-abrir")) e.preventDefault(); // keep focus in the field
});

// A field that a click enters is selected whole, as Tab does: what is typed replaces what was chosen.
let entrando = null;
document.addEventListener("mousedown", (e) => {
  entrando = e.target.matches?.("[data-lookup] [role=combobox]") && document.activeElement !== e.target ? e.target : null;
});
document.addEventListener("click", (e) => {
  if (entrando && e.target === entrando && entrando.selectionStart === entrando.selectionEnd) entrando.select();
  entrando = null;
});
