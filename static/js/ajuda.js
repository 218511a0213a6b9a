// The dialog of the ? key: it lists what the page declares.
import { alvosDoAtalho } from "./atalhos.js";
import { $, $$, visivel } from "./base.js";
import { abrirDialogo, escopo } from "./dialogos.js";

export function abrirAjuda() {
  const raiz = escopo();
  const linhas = new Map();
  const juntar = (teclas, texto) => linhas.set(texto, teclas);
  for (const el of $$("[data-atalho]", raiz)) {
    if (!visivel(el) || (raiz === document && el.closest("dialog"))) continue;
    const copia = el.cloneNode(true);
    $$("kbd,[data-contagem-marcadas]", copia).forEach((k) => k.remove());
    const texto = el.dataset.atalhoRotulo ?? el.getAttribute("aria-label") ?? copia.textContent.replace(/\s+/g, " ").trim();
    const teclas = el.dataset.atalho.split(" ").filter((tecla) => alvosDoAtalho(tecla)[0] === el);
    if (teclas.length) juntar(teclas, texto);
  }
  if ($("[data-grade]", raiz)) {
    juntar(["↑", "↓"], "Entrar na lista; linha anterior e próxima (Home e End: primeira e última)");
    if ($("[data-grade] .marca", raiz)) {
      juntar(["Espaço"], "Marcar ou desmarcar a linha");
      juntar(["Shift+↑", "Shift+↓", "Shift+clique"], "Marcar um trecho");
    }
    if ($("[data-acao-padrao]", raiz)) juntar(["Enter", "duplo clique"], "Abrir a linha");
  }
  if ($("[data-grade-colar]", raiz)) {
    juntar(["Enter", "↑", "↓"], "Célula de baixo, de cima");
    juntar(["Ctrl+V"], "Colar um bloco copiado da planilha");
    juntar(["Ctrl+Z"], "Desfazer a última colagem");
  }
  juntar(["Esc"], "Fechar a janela ou a lista aberta");
  const nomes = { Insert: "Ins", Delete: "Del", Escape: "Esc", PageUp: "PgUp", PageDown: "PgDn" };
  const lista = $("#ajuda .atalhos");
  lista.replaceChildren();
  for (const [texto, teclas] of linhas) {
    const dt = document.createElement("dt");
    teclas.forEach((t, i) => {
      if (i) dt.append(" ");
      const kbd = document.createElement("kbd");
      kbd.textContent = t.split("+").map((parte) => nomes[parte] ?? parte).join("+");
      dt.append(kbd);
    });
    const dd = document.createElement("dd");
    dd.textContent = texto;
    lista.append(dt, dd);
  }
  abrirDialogo($("#ajuda"));
  $("#ajuda-titulo").focus();
}
