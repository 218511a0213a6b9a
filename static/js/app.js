// Behaviour of the screens, by event delegation, so that what htmx swaps in needs no wiring.
// Markup contracts and snippets: docs/telas.md.
(() => {
  "use strict";

  const $ = (seletor, raiz = document) => raiz.querySelector(seletor);
  const $$ = (seletor, raiz = document) => [...raiz.querySelectorAll(seletor)];
  const numero = new Intl.NumberFormat("pt-BR");
  const visivel = (el) => el.isConnected && el.checkVisibility({ visibilityProperty: true });
  const CAMPO = "input:not([type=checkbox],[type=radio],[type=button],[type=submit],[type=reset],[type=file]),textarea,select,[contenteditable=true]";
  const INTERATIVO = "a[href],button,input,select,textarea,label,summary,[contenteditable=true]";
  const guardar = (chave, valor) => {
    try {
      if (valor === null) localStorage.removeItem(chave);
      else localStorage.setItem(chave, valor);
    } catch {
      // storage blocked by the browser: the choice lasts for this page only
    }
  };

  // ------------------------------------------------------------ messages
  let anuncioPendente = 0;
  function anunciar(texto) {
    const regiao = $("#anuncio");
    if (!regiao || !texto) return;
    clearTimeout(anuncioPendente);
    regiao.textContent = "";
    anuncioPendente = setTimeout(() => (regiao.textContent = texto), 60);
  }

  /** Show a toast and say it in the live region. Errors stay until dismissed. tom: info, ok, atencao, erro. */
  function avisar(texto, tom = "info") {
    const avisos = $("#avisos");
    if (!avisos) return;
    $$(".mensagem", avisos).find((m) => m.dataset.texto === texto)?.remove();
    const caixa = document.createElement("div");
    caixa.className = `mensagem ${tom}`;
    caixa.dataset.texto = texto;
    const corpo = document.createElement("div");
    corpo.textContent = texto;
    const fechar = document.createElement("button");
    fechar.type = "button";
    fechar.className = "btn-icone";
    fechar.dataset.dispensar = "";
    fechar.setAttribute("aria-label", "Dispensar o aviso");
    fechar.textContent = "✕";
    caixa.append(corpo, fechar);
    avisos.append(caixa);
    while (avisos.children.length > 4) avisos.firstChild.remove();
    if (tom !== "erro") setTimeout(() => caixa.remove(), 7000);
    anunciar(texto);
  }

  // ------------------------------------------------------------- dialogs
  const pilha = []; // open dialogs, the topmost last
  const origens = new WeakMap();
  const instantaneos = new WeakMap();
  const escopo = () => pilha.at(-1) ?? document;

  function retratar(raiz) {
    return $$("form", raiz)
      .map((f) => new URLSearchParams([...new FormData(f)].map(([n, v]) => [n, v instanceof File ? v.name : v])))
      .join("|");
  }

  function abrirDialogo(dialogo, origem = document.activeElement) {
    if (!dialogo.open) {
      origens.set(dialogo, origem);
      dialogo.showModal();
      pilha.push(dialogo);
      dialogo.append($("#retorno")); // outside a modal everything is inert, the live region too
    }
    instantaneos.set(dialogo, retratar(dialogo));
  }

  function focarDialogo(dialogo) {
    const alvo =
      $("[data-erros]", dialogo) ??
      $("[autofocus]", dialogo) ??
      $$(`.dialogo-corpo :is(${CAMPO},input)`, dialogo).find((el) => !el.disabled && el.type !== "hidden" && visivel(el)) ??
      $$(".dialogo-corpo :is(a[href],button), .dialogo-pe .btn-primary", dialogo).find(visivel) ??
      $("h2", dialogo);
    alvo?.focus();
  }

  function sujo(dialogo) {
    return instantaneos.has(dialogo) && instantaneos.get(dialogo) !== retratar(dialogo);
  }

  async function pedirParaFechar(dialogo) {
    if (dialogo.id === "confirmacao") return responder(false);
    if (sujo(dialogo)) {
      const descartar = await confirmar({
        titulo: "Descartar o que foi digitado?",
        texto: "Há dados nesta janela que ainda não foram enviados.",
        acao: "Descartar",
        tom: "perigo",
      });
      if (!descartar) return;
    }
    dialogo.close();
  }

  document.addEventListener(
    "close",
    ({ target: dialogo }) => {
      const posicao = pilha.indexOf(dialogo);
      if (posicao < 0) return;
      pilha.splice(posicao, 1);
      (pilha.at(-1) ?? document.body).append($("#retorno"));
      if (dialogo.id === "dialogo-janela") {
        for (const tabela of $$("[data-grade]", dialogo)) estados.delete(nomeDaGrade(tabela));
        $("#dialogo").replaceChildren();
      }
      devolverFoco(origens.get(dialogo));
    },
    true,
  );

  function devolverFoco(origem) {
    if (!origem || origem === document.body) return;
    const vivo = origem.isConnected ? origem : origem.id ? document.getElementById(origem.id) : null;
    const menu = vivo?.closest(".dropdown-menu");
    const alvo = menu ? menu.parentElement.querySelector("[data-bs-toggle=dropdown]") : vivo;
    if (alvo && visivel(alvo)) alvo.focus();
    else for (const tabela of $$("[data-grade]", escopo())) if (focarLinha(linhaAtual(tabela))) return;
  }

  document.addEventListener(
    "cancel",
    (e) => {
      if (!pilha.includes(e.target)) return;
      e.preventDefault();
      pedirParaFechar(e.target);
    },
    true,
  );

  // ------------------------------------------------------------- confirm
  let resolverConfirmacao = null;
  const confirmados = new WeakSet();

  /** Ask in the product's own dialog. Resolves to true or false. */
  function confirmar({ titulo = "Confirmar", texto, acao = "Confirmar", tom = "" }) {
    const dialogo = $("#confirmacao");
    $("#confirmacao-titulo").textContent = titulo;
    $("#confirmacao-texto").textContent = texto;
    const sim = $("[data-resposta=sim]", dialogo);
    $("span", sim).textContent = acao;
    sim.className = tom === "perigo" ? "btn btn-danger cheio" : "btn btn-primary";
    abrirDialogo(dialogo);
    (tom === "perigo" ? $("[data-resposta=nao]", dialogo) : sim).focus();
    return new Promise((resolver) => (resolverConfirmacao = resolver));
  }

  function responder(resposta) {
    const resolver = resolverConfirmacao;
    resolverConfirmacao = null;
    $("#confirmacao").close();
    resolver?.(resposta);
  }

  function comNumeros(texto, el) {
    if (!texto?.includes("{n}")) return texto;
    const grade = gradeDe(el);
    return texto.replaceAll("{n}", numero.format(grade ? contar(grade) : 0));
  }

  function confirmarAntes(e, el, repetir) {
    if (confirmados.delete(el)) return false;
    e.preventDefault();
    e.stopImmediatePropagation();
    confirmar({
      titulo: comNumeros(el.dataset.confirmarTitulo, el) ?? "Confirmar",
      texto: comNumeros(el.dataset.confirmar, el),
      acao: comNumeros(el.dataset.confirmarAcao, el) ?? "Confirmar",
      tom: el.dataset.confirmarTom ?? "",
    }).then((sim) => {
      if (!sim) return;
      confirmados.add(el);
      repetir();
    });
    return true;
  }

  // --------------------------------------------------------------- clicks
  function motivoDe(el) {
    return el.dataset.motivo || el.title || "Esta ação não está disponível agora.";
  }

  // Capture, before htmx and Bootstrap: what is unavailable says why; what needs a yes asks first.
  document.addEventListener(
    "click",
    (e) => {
      const preso = e.target.closest("[aria-disabled=true]:is(button,a)");
      if (preso || e.target.closest("[data-enviando]:is(button,a)")) {
        e.preventDefault();
        e.stopImmediatePropagation();
        if (preso && !("preso" in preso.dataset)) avisar(motivoDe(preso), "atencao");
        return;
      }
      // The product's own answer names every field at once; the browser's bubble would stop at the first.
      const envio = e.target.closest("button[type=submit], input[type=submit]");
      if (envio?.form?.method === "post") envio.form.noValidate = true;
      const pergunta = e.target.closest("[data-confirmar]:is(button,a)");
      if (pergunta && !pergunta.disabled) confirmarAntes(e, pergunta, () => pergunta.click());
    },
    true,
  );

  document.addEventListener("click", (e) => {
    const alvo = (seletor) => e.target.closest(seletor);
    let el;
    if ((el = alvo("[data-resposta]"))) return responder(el.dataset.resposta === "sim");
    if ((el = alvo("[data-fechar]"))) return void pedirParaFechar(el.closest("dialog"));
    if ((el = alvo("[data-dispensar]"))) return el.closest(".mensagem").remove();
    if (alvo("[data-ajuda]")) return abrirAjuda();
    if ((el = alvo("[data-tema]"))) return escolherTema(el.dataset.tema);
    if (alvo("[data-menu-alterna]")) return alternarMenu();
    if ((el = alvo("[data-competencia-passo]"))) return mudarCompetencia(el);
    if ((el = alvo("[data-detalhe]"))) return alternarDetalhe(el);
    if ((el = alvo("[data-pausar]"))) return alternarPausa(el);
    if ((el = alvo("[data-copiar]"))) return void copiar(el);
    if ((el = alvo("[data-erros] a[href^='#']"))) return irAoCampo(e, el);
    if ((el = alvo(".lookup-abrir"))) return abrirLookup($("[role=combobox]", el.parentElement));
    if ((el = alvo("[data-lookup] [role=option]"))) return escolher(el.closest("[data-lookup]"), el);
    if ((el = alvo("[data-marcar-todas]"))) return marcarTodas(gradeDe(el));
    if ((el = alvo("[data-desmarcar]"))) return desmarcar(gradeDe(el));
    cliqueNaGrade(e);
  });

  function irAoCampo(e, link) {
    const campo = document.getElementById(link.hash.slice(1));
    if (!campo) return;
    e.preventDefault();
    (campo.matches(":is(input,select,textarea)") ? campo : ($("input,select,textarea", campo) ?? campo)).focus();
  }

  function alternarDetalhe(botao) {
    const linha = document.getElementById(botao.dataset.detalhe);
    const abrir = botao.getAttribute("aria-expanded") !== "true";
    botao.setAttribute("aria-expanded", abrir);
    linha.hidden = !abrir;
  }

  async function copiar(botao) {
    try {
      await navigator.clipboard.writeText(botao.dataset.copiar);
      avisar("Copiado.", "ok");
    } catch {
      avisar("O navegador não deixou copiar. Selecione o texto e use Ctrl+C.", "atencao");
    }
  }

  // ------------------------------------------------------- theme and menu
  function marcarTema() {
    let tema = "sistema";
    try {
      tema = localStorage.getItem("guiche.tema") ?? tema;
    } catch {
      // storage blocked: the system's theme is in use
    }
    for (const b of $$("[data-tema]")) b.setAttribute("aria-pressed", b.dataset.tema === tema);
  }

  function escolherTema(tema) {
    guardar("guiche.tema", tema === "sistema" ? null : tema);
    document.dispatchEvent(new CustomEvent("guiche:tema"));
    marcarTema();
  }

  function alternarMenu() {
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

  function mudarCompetencia(botao) {
    const campo = $("input", botao.parentElement);
    const [mes, ano] = (MASCARAS.competencia(campo.value) ?? "").split("/").map(Number);
    if (!mes) return campo.focus();
    const data = new Date(ano, mes - 1 + Number(botao.dataset.competenciaPasso), 1);
    campo.value = `${String(data.getMonth() + 1).padStart(2, "0")}/${data.getFullYear()}`;
    campo.dispatchEvent(new Event("change", { bubbles: true }));
  }

  // ------------------------------------------------------------ shortcuts
  function nomeDaTecla(e) {
    if (e.key === "?") return "?"; // AltGr on some keyboards, so before the modifiers
    if (e.altKey || e.metaKey) return "";
    const tecla = e.key.length === 1 ? e.key.toUpperCase() : e.key;
    return `${e.ctrlKey ? "Ctrl+" : ""}${e.shiftKey ? "Shift+" : ""}${tecla}`;
  }

  function alvosDoAtalho(tecla) {
    const raiz = escopo();
    const todos = $$("[data-atalho]", raiz).filter(
      (el) => el.dataset.atalho.split(" ").includes(tecla) && visivel(el) && (raiz !== document || !el.closest("dialog")),
    );
    return [...todos.filter((el) => el.closest("main,dialog")), ...todos.filter((el) => !el.closest("main,dialog"))];
  }

  const vaiEscrever = (el) => el?.matches?.(CAMPO) && !el.readOnly;
  const valeAoDigitar = (tecla) => /^(Shift\+)?F\d+$|^Ctrl\+Enter$|^Escape$/.test(tecla);

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
      if (teclaNaGrade(e, foco)) return;
      atalho(e, foco);
    },
    true,
  );

  function atalho(e, foco) {
    const tecla = nomeDaTecla(e);
    if (!tecla || (e.repeat && tecla !== "Escape")) return;
    if (vaiEscrever(foco) && !valeAoDigitar(tecla)) return;
    if (tecla === "Enter" && foco?.matches("a[href],button,summary,input,[role=combobox]")) return;
    if (tecla === "Escape" && foco?.matches("input[type=search]") && foco.value) return;
    const topo = pilha.at(-1);
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
  }

  function abrirAjuda() {
    const raiz = escopo();
    const linhas = new Map();
    const juntar = (teclas, texto) => linhas.set(texto, teclas);
    for (const el of $$("[data-atalho]", raiz)) {
      if (!visivel(el) || (raiz === document && el.closest("dialog"))) continue;
      const copia = el.cloneNode(true);
      $$("kbd,[data-contagem-marcadas]", copia).forEach((k) => k.remove());
      const texto = el.dataset.atalhoRotulo ?? el.getAttribute("aria-label") ?? copia.textContent.replace(/\s+/g, " ").trim();
      juntar(el.dataset.atalho.split(" "), texto);
    }
    if ($("[data-grade]", raiz)) {
      juntar(["↑", "↓"], "Linha anterior e próxima (Home e End: primeira e última)");
      juntar(["Espaço"], "Marcar ou desmarcar a linha");
      juntar(["Shift+↑", "Shift+↓", "Shift+clique"], "Marcar um trecho");
      if ($("[data-acao-padrao]", raiz)) juntar(["Enter", "duplo clique"], "Abrir a linha");
    }
    if ($("[data-grade-colar]", raiz)) {
      juntar(["Enter", "↑", "↓"], "Célula de baixo, de cima");
      juntar(["Ctrl+V"], "Colar um bloco copiado da planilha");
      juntar(["Ctrl+Z"], "Desfazer a última colagem");
    }
    juntar(["Esc"], "Fechar a janela ou a lista aberta");
    const nomes = { Insert: "Ins", Delete: "Del", Escape: "Esc" };
    const lista = $("#ajuda .atalhos");
    lista.replaceChildren();
    for (const [texto, teclas] of linhas) {
      const dt = document.createElement("dt");
      teclas.forEach((t, i) => {
        if (i) dt.append(" ");
        const kbd = document.createElement("kbd");
        kbd.textContent = nomes[t] ?? t;
        dt.append(kbd);
      });
      const dd = document.createElement("dd");
      dd.textContent = texto;
      lista.append(dt, dd);
    }
    abrirDialogo($("#ajuda"));
    $("#ajuda-titulo").focus();
  }

  // ----------------------------------------------------------------- grid
  // State by grid name: it outlives the table, which htmx replaces on every page, sort and search.
  const estados = new Map();
  const nomeDaGrade = (tabela) => tabela.dataset.grade || tabela.id || "grade";
  const linhasDe = (tabela) => $$(":scope > tbody > tr[data-id]", tabela);
  const caixaDe = (linha) => $(".marca input[type=checkbox]", linha);
  const marcavel = (linha) => caixaDe(linha) && !caixaDe(linha).disabled;

  function estadoDe(tabela) {
    const nome = nomeDaGrade(tabela);
    if (!estados.has(nome)) estados.set(nome, { marcadas: new Set(), todas: false, atual: null, ancora: null, indice: 0 });
    return estados.get(nome);
  }

  /** The grid a button speaks of: named by data-exige-marcadas/data-contagem-marcadas, else the one around or near it. */
  function gradeDe(el) {
    const nome = el.dataset.gradeAlvo;
    const raiz = el.closest("dialog") ?? document;
    if (nome) return $(`[data-grade="${CSS.escape(nome)}"]`, raiz);
    return el.closest("[data-grade]") ?? $$("[data-grade]", raiz).find((t) => raiz !== document || !t.closest("dialog")) ?? null;
  }

  const totalDe = (tabela) => Number(tabela.dataset.total ?? linhasDe(tabela).filter(marcavel).length);
  const contar = (tabela) => (estadoDe(tabela).todas ? totalDe(tabela) : estadoDe(tabela).marcadas.size);
  const linhaAtual = (tabela) => linhasDe(tabela).find((l) => l.dataset.id === estadoDe(tabela).atual) ?? null;

  function prepararGrade(tabela) {
    const estado = estadoDe(tabela);
    tabela.setAttribute("role", "grid");
    tabela.setAttribute("aria-multiselectable", "true");
    if (estado.todas && estado.filtro !== (tabela.dataset.filtro ?? "")) {
      estado.todas = false; // "all filtered" speaks of one filter only
      estado.marcadas.clear();
    }
    const linhas = linhasDe(tabela);
    for (const linha of linhas) {
      linha.tabIndex = -1;
      if (caixaDe(linha)?.defaultChecked) estado.marcadas.add(linha.dataset.id);
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
      const marcada = marcavel(linha) && (estado.todas || estado.marcadas.has(linha.dataset.id));
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
    const pares = estado.todas
      ? [["todos", "1"], ["filtro", tabela.dataset.filtro ?? ""]]
      : fora.map((id) => [nome, id]);
    campos.replaceChildren(
      ...pares.map(([n, v]) => Object.assign(document.createElement("input"), { type: "hidden", name: n, value: v })),
    );
  }

  function resumir(tabela, fora) {
    const n = contar(tabela);
    const todas = estadoDe(tabela).todas;
    const resumo = $("[data-grade-resumo]", tabela);
    if (resumo) {
      const onde = fora ? ` (${numero.format(fora)} fora desta página)` : "";
      resumo.textContent = n ? ` · ${numero.format(n)} ${n === 1 ? "marcada" : "marcadas"}${onde}` : "";
    }
    const marcar = $("[data-marcar-todas]", tabela);
    if (marcar) marcar.hidden = todas || n === 0 || n >= totalDe(tabela);
    const soltar = $("[data-desmarcar]", tabela);
    if (soltar) soltar.hidden = n === 0;
    for (const el of $$("[data-contagem-marcadas]")) {
      if (gradeDe(el) === tabela) el.textContent = n ? numero.format(n) : "";
    }
    for (const botao of $$("[data-exige-marcadas]")) if (gradeDe(botao) === tabela) prenderBotao(botao, n);
  }

  function prenderBotao(botao, n) {
    const maximo = Number(botao.dataset.maximoMarcadas ?? Infinity);
    const motivo = n === 0 ? "Marque ao menos uma linha (Espaço)." : n > maximo ? `Marque só ${numero.format(maximo)} ${maximo === 1 ? "linha" : "linhas"}.` : "";
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

  function focarLinha(linha) {
    if (!linha) return false;
    linha.focus({ preventScroll: true });
    linha.scrollIntoView({ block: "nearest" });
    return true;
  }

  function definirMarcas(tabela, linhas, marcar) {
    const estado = estadoDe(tabela);
    if (estado.todas) {
      estado.todas = false;
      estado.marcadas = new Set(linhasDe(tabela).filter(marcavel).map((l) => l.dataset.id));
      anunciar("Marcação de todas desfeita: ficaram as desta página.");
    }
    for (const linha of linhas.filter(marcavel)) {
      if (marcar) estado.marcadas.add(linha.dataset.id);
      else estado.marcadas.delete(linha.dataset.id);
    }
    pintarGrade(tabela);
  }

  function trecho(tabela, de, ate) {
    const linhas = linhasDe(tabela);
    const [a, b] = [linhas.findIndex((l) => l.dataset.id === de), linhas.indexOf(ate)];
    return a < 0 ? [ate] : linhas.slice(Math.min(a, b), Math.max(a, b) + 1);
  }

  function marcarTodas(tabela) {
    const estado = estadoDe(tabela);
    estado.todas = true;
    estado.filtro = tabela.dataset.filtro ?? "";
    estado.marcadas.clear();
    pintarGrade(tabela);
    focarLinha(linhaAtual(tabela));
    anunciar(`${numero.format(contar(tabela))} marcadas, todas as filtradas.`);
  }

  function desmarcar(tabela) {
    const estado = estadoDe(tabela);
    estado.todas = false;
    estado.marcadas.clear();
    pintarGrade(tabela);
    focarLinha(linhaAtual(tabela));
    anunciar("Nenhuma marcada.");
  }

  function cliqueNaGrade(e) {
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

  function teclaNaGrade(e, foco) {
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
      return focarLinha(nova);
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
  function marcarAtualSePreciso(botao) {
    if (!("exigeMarcadas" in botao.dataset)) return;
    const tabela = gradeDe(botao);
    const linha = document.activeElement?.closest?.("tr[data-id]");
    if (tabela && linha && contar(tabela) === 0 && tabela.contains(linha)) definirMarcas(tabela, [linha], true);
  }

  // --------------------------------------------------------------- lookup
  const buscas = new WeakMap(); // lookup -> { texto, controle, promessa, temporizador }

  const pecasDoLookup = (lookup) => ({
    campo: $("[role=combobox]", lookup),
    lista: $("[role=listbox]", lookup),
    oculto: $("input[type=hidden]", lookup),
  });

  function escolhido(campo) {
    return (campo.dataset.escolhido ??= campo.defaultValue);
  }

  function fecharLookup(lookup) {
    const { campo, lista } = pecasDoLookup(lookup);
    if (lista.matches(":popover-open")) lista.hidePopover();
    campo.setAttribute("aria-expanded", "false");
    campo.removeAttribute("aria-activedescendant");
  }

  function abrirLookup(campo) {
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
  const ativa = (lookup) => $("[role=option][aria-selected=true]", lookup);

  function ativar(lookup, opcao) {
    for (const o of $$("[role=option]", lookup)) o.setAttribute("aria-selected", String(o === opcao));
    pecasDoLookup(lookup).campo.setAttribute("aria-activedescendant", opcao.id);
    if (visivel(opcao)) opcao.scrollIntoView({ block: "nearest" });
  }

  function escolher(lookup, opcao) {
    if (opcao.getAttribute("aria-disabled") === "true") return;
    definirLookup(lookup, opcao.dataset.valor, opcao.dataset.rotulo ?? opcao.textContent.trim());
  }

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

  const porAssentar = (lookup) => {
    const { campo } = pecasDoLookup(lookup);
    return campo.value.trim() !== escolhido(campo);
  };

  /** Settle typed text: a single match is taken, empty text clears. Anything else stays typed and marked as wrong, and
   * its form is not sent; the context of the top bar, which sends itself, goes back to what was chosen. */
  async function assentarLookup(lookup) {
    const { campo } = pecasDoLookup(lookup);
    const texto = campo.value.trim();
    if (texto === escolhido(campo)) return fecharLookup(lookup);
    if (!texto) return definirLookup(lookup, "", "");
    clearTimeout(buscas.get(lookup)?.temporizador);
    const feita = buscas.get(lookup);
    await (feita?.texto === texto ? feita.promessa : buscar(lookup, texto));
    if (campo.value.trim() !== texto) return;
    const opcoes = opcoesDe(lookup);
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
  async function assentarTodos(form, submitter) {
    for (const lookup of $$("[data-lookup]", form).filter(porAssentar)) {
      await assentarLookup(lookup);
      if (!porAssentar(lookup)) continue;
      if (document.activeElement === pecasDoLookup(lookup).campo) recusarLookup(lookup, opcoesDe(lookup).length);
      pecasDoLookup(lookup).campo.focus();
      return;
    }
    form.requestSubmit(submitter);
  }

  function teclaNoLookup(e, campo) {
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

  // ---------------------------------------------------------------- masks
  // Each takes what was typed or pasted and returns the shown form, or null when it cannot tell: the server says why.
  const soLetrasENumeros = (t) => t.replace(/[.\-/\s]/g, "").toUpperCase();
  const digitos = (t) => t.replace(/\D/g, "");
  const doisDigitos = (n) => String(n).padStart(2, "0");

  const MASCARAS = {
    cnpj(t) {
      const c = soLetrasENumeros(t);
      return /^[0-9A-Z]{12}\d{2}$/.test(c) ? c.replace(/^(..)(...)(...)(....)(..)$/, "$1.$2.$3/$4-$5") : null;
    },
    cpf(t) {
      const c = soLetrasENumeros(t);
      return /^\d{11}$/.test(c) ? c.replace(/^(...)(...)(...)(..)$/, "$1.$2.$3-$4") : null;
    },
    documento(t) {
      return MASCARAS.cpf(t) ?? MASCARAS.cnpj(t);
    },
    competencia(t) {
      const iso = /^\s*(\d{4})-(\d{1,2})\s*$/.exec(t);
      const partes = iso ? [iso[2], iso[1]] : /^\s*(\d{1,2})\s*[/.\-\s]\s*(\d{4}|\d{2})\s*$/.exec(t)?.slice(1);
      const d = digitos(t);
      const [mes, ano] = partes ?? (/^\s*(\d{4}|\d{6})\s*$/.test(t) ? [d.slice(0, 2), d.slice(2)] : []);
      if (!mes || Number(mes) < 1 || Number(mes) > 12) return null;
      return `${doisDigitos(Number(mes))}/${ano.length === 2 ? `20${ano}` : ano}`;
    },
    data(t) {
      const iso = /^\s*(\d{4})-(\d{2})-(\d{2})\s*$/.exec(t);
      const partes = iso
        ? [iso[3], iso[2], iso[1]]
        : (/^\s*(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4}|\d{2})\s*$/.exec(t) ?? /^\s*(\d{2})(\d{2})(\d{4}|\d{2})\s*$/.exec(t))?.slice(1);
      if (!partes) return null;
      const [dia, mes, ano] = partes.map(Number);
      const cheio = ano < 100 ? 2000 + ano : ano;
      const data = new Date(cheio, mes - 1, dia);
      if (data.getMonth() !== mes - 1 || data.getDate() !== dia) return null;
      return `${doisDigitos(dia)}/${doisDigitos(mes)}/${cheio}`;
    },
    dinheiro(t) {
      const c = t.replace(/R\$|\s/g, "");
      const brasil = /^-?(\d{1,3}(\.\d{3})+|\d+)(,\d{1,2})?$/.test(c);
      const ponto = /^-?\d+\.\d{1,2}$/.test(c);
      if (!brasil && !ponto) return null;
      const [inteiros, centavos = ""] = brasil ? c.replaceAll(".", "").split(",") : c.split(".");
      return `${milhares(inteiros)},${centavos.padEnd(2, "0")}`;
    },
    inteiro(t) {
      const c = t.replace(/\s/g, "");
      return /^-?(\d{1,3}(\.\d{3})+|\d+)$/.test(c) ? milhares(c.replaceAll(".", "")) : null;
    },
  };

  function milhares(t) {
    const sinal = t.startsWith("-") ? "-" : "";
    const limpo = t.replace("-", "").replace(/^0+(?=\d)/, "");
    return sinal + limpo.replace(/\B(?=(\d{3})+$)/g, ".");
  }

  function mascarar(campo) {
    const mascara = MASCARAS[campo.dataset?.mascara];
    if (mascara && campo.value.trim()) campo.value = mascara(campo.value) ?? campo.value.trim();
  }

  document.addEventListener("change", (e) => mascarar(e.target), true); // before anyone reads the value

  // ------------------------------------------------------ sheet of cells
  const colagens = new WeakMap(); // table -> the values a paste replaced, until something else is typed

  const celulasDe = (linha) => [...linha.cells].map((td) => $(":scope > input, :scope > select", td));

  function posicaoNaPlanilha(campo) {
    const tabela = campo?.closest?.("[data-grade-colar]");
    const td = campo?.parentElement;
    if (!tabela || td?.tagName !== "TD") return null;
    const linhas = [...tabela.tBodies].flatMap((b) => [...b.rows]).filter((l) => $("input,select", l));
    return { tabela, linhas, y: linhas.indexOf(td.parentElement), x: td.cellIndex };
  }

  function teclaNaPlanilha(e, foco) {
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
    bloco.forEach((valores, i) =>
      valores.forEach((valor, j) => {
        const linha = onde.linhas[onde.y + i];
        const celula = linha && celulasDe(linha)[onde.x + j];
        if (!celula || celula.disabled || celula.readOnly) return void fora++;
        antes.push([celula, celula.value]);
        preencher(celula, valor.trim());
      }),
    );
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

  // ---------------------------------------------------------------- forms
  const alterados = new Set();

  document.addEventListener("input", (e) => {
    const form = e.target.form?.closest("[data-guardar-saida]");
    if (form) alterados.add(form);
  });
  document.addEventListener("change", (e) => {
    const form = e.target.form;
    if (e.target.matches("[role=combobox]")) return; // its hidden input speaks when the choice is settled
    if (form?.matches("[data-guardar-saida]")) alterados.add(form);
    if (form?.matches("[data-envia]")) form.requestSubmit();
  });

  window.addEventListener("beforeunload", (e) => {
    const pendente = [...alterados].some((f) => f.isConnected) || $("form[data-guardar-saida] [data-erros]");
    if (pendente) e.preventDefault();
  });

  // Capture: ask first, then let htmx or the browser send it.
  document.addEventListener(
    "submit",
    (e) => {
      const form = e.target;
      if ("enviando" in form.dataset) {
        e.preventDefault();
        e.stopImmediatePropagation();
        return;
      }
      if (!form.matches("[data-envia]") && $$("[data-lookup]", form).some(porAssentar)) {
        e.preventDefault();
        e.stopImmediatePropagation();
        assentarTodos(form, e.submitter ?? undefined);
        return;
      }
      if ("confirmar" in form.dataset) confirmarAntes(e, form, () => form.requestSubmit(e.submitter ?? undefined));
    },
    true,
  );

  document.addEventListener("submit", (e) => {
    const form = e.target;
    if (e.defaultPrevented || form.method === "dialog") return;
    alterados.delete(form);
    $("[data-erros]", form)?.removeAttribute("data-erros");
    if (form.method === "post" && !("semTrava" in form.dataset)) prender(form, e.submitter);
  });

  const botoesDe = (el) => (el.tagName === "FORM" ? [...el.elements].filter((b) => b.type === "submit") : [el]);

  /** Stop a second send while the first has no answer. aria-disabled keeps focus and the submitter's value. */
  function prender(el, acionado = null) {
    el.dataset.enviando = "";
    for (const botao of botoesDe(el).filter((b) => b.matches("button,a,input[type=submit]"))) {
      if (botao.getAttribute("aria-disabled") === "true") continue;
      botao.setAttribute("aria-disabled", "true");
      botao.dataset.preso = "";
      if (botao !== (acionado ?? botoesDe(el)[0]) || botao.tagName !== "BUTTON" || botao.matches(".dropdown-item,.btn-icone")) continue;
      botao.dataset.enviando = "";
      botao.style.minWidth = `${botao.offsetWidth}px`; // a shorter label must not slide a neighbour under the pointer
      rotulos.set(botao, [...botao.childNodes]);
      botao.replaceChildren(botao.dataset.rotuloEnviando ?? "Enviando…");
    }
  }
  const rotulos = new WeakMap();

  function soltar(el) {
    delete el.dataset.enviando;
    for (const botao of [el, ...botoesDe(el)]) {
      if (!("preso" in botao.dataset)) continue;
      delete botao.dataset.preso;
      delete botao.dataset.enviando;
      botao.removeAttribute("aria-disabled");
      if (rotulos.has(botao)) botao.replaceChildren(...rotulos.get(botao));
      botao.style.minWidth = "";
      rotulos.delete(botao);
    }
    for (const tabela of $$("[data-grade]")) resumir(tabela, foraDaPagina(tabela));
  }

  function foraDaPagina(tabela) {
    const naTela = new Set(linhasDe(tabela).map((l) => l.dataset.id));
    return estadoDe(tabela).todas ? 0 : [...estadoDe(tabela).marcadas].filter((id) => !naTela.has(id)).length;
  }

  window.addEventListener("pageshow", (e) => {
    if (e.persisted) for (const el of $$("[data-enviando]")) soltar(el);
  });

  // ----------------------------------------------------------------- htmx
  const MENSAGENS = {
    0: "O servidor não respondeu. Confira a conexão e tente de novo; o que está na tela continua aqui.",
    400: "O pedido chegou incompleto. Recarregue a página (F5) e tente de novo.",
    401: "Sua sessão terminou. Entre de novo para continuar.",
    403: "Você não tem permissão para isto, ou a sessão mudou. Recarregue a página (F5); se continuar, fale com o administrador.",
    404: "Não encontrado: pode ter sido excluído, ou não está nas suas carteiras. Recarregue a lista (F5).",
    409: "Outra pessoa mudou este registro antes. Recarregue a página (F5) e confira.",
    413: "O arquivo ou o texto é grande demais. Divida-o e envie de novo.",
    429: "Muitos pedidos seguidos. Espere um minuto e tente de novo.",
    503: "O sistema está reiniciando ou ocupado. Espere um minuto e tente de novo; nada foi perdido.",
  };

  function mensagemDeErro(status) {
    if (MENSAGENS[status]) return MENSAGENS[status];
    return status >= 500
      ? `Algo falhou do nosso lado (erro ${status}). Recarregue a página (F5) para ver se foi gravado antes de repetir; se continuar, avise o administrador.`
      : `O pedido não foi aceito (erro ${status}). Recarregue a página (F5) e tente de novo.`;
  }

  document.addEventListener("htmx:sendError", () => avisar(mensagemDeErro(0), "erro"));
  document.addEventListener("htmx:timeout", () => avisar("A resposta demorou demais. Recarregue a página (F5) para ver se o pedido foi feito antes de repetir.", "erro"));
  document.addEventListener("htmx:responseError", ({ detail: { xhr } }) => {
    const texto = xhr.getResponseHeader("Content-Type")?.startsWith("text/plain") && xhr.responseText.length < 400 ? xhr.responseText.trim() : "";
    avisar(texto || mensagemDeErro(xhr.status), "erro");
  });
  document.addEventListener("htmx:swapError", () => avisar("A tela não pôde ser atualizada. Recarregue a página (F5).", "erro"));
  document.addEventListener("aviso", ({ detail }) => avisar(detail.texto, detail.tom ?? "info"));
  document.addEventListener("dialogo:fechar", () => $("#dialogo-janela").open && $("#dialogo-janela").close());
  document.addEventListener("grade:desmarcar", () => $$("[data-grade]").forEach((t) => {
    estadoDe(t).todas = false;
    estadoDe(t).marcadas.clear();
    pintarGrade(t);
  }));

  // A search, a page or a sort would replace a sheet with values not yet sent: ask, as leaving the page does.
  document.addEventListener("htmx:confirm", (e) => {
    const { target, elt, issueRequest } = e.detail;
    const perdidos = [...alterados].filter((f) => f.isConnected && target?.contains?.(f) && !f.contains(elt));
    if (!perdidos.length) return;
    e.preventDefault();
    confirmar({
      titulo: "Perder o que foi digitado?",
      texto: "Há valores digitados que ainda não foram gravados. Se continuar, eles se perdem.",
      acao: "Perder e continuar",
      tom: "perigo",
    }).then((sim) => {
      if (!sim) return;
      for (const form of perdidos) alterados.delete(form);
      issueRequest(true);
    });
  });

  document.addEventListener("htmx:configRequest", ({ detail, target }) => {
    if (!target.matches?.("form[data-lista]")) return;
    const atual = new URLSearchParams(location.search);
    for (const nome of ["ordem", "tamanho"]) if (atual.get(nome)) detail.parameters[nome] = atual.get(nome);
    for (const [nome, valor] of Object.entries(detail.parameters)) if (valor === "") delete detail.parameters[nome];
  });

  document.addEventListener("htmx:beforeRequest", (e) => {
    const { elt, requestConfig } = e.detail;
    if (elt.matches("[data-vivo]") && (pausados.has(elt.id) || document.hidden || $("[data-fim]", elt) || elt.matches("[data-fim]"))) {
      e.preventDefault();
      return;
    }
    if ("semTrava" in elt.dataset || !elt.matches("form,button,a.btn")) return;
    if (requestConfig.verb !== "get") prender(elt, requestConfig.triggeringEvent?.submitter);
    else if (elt.tagName !== "FORM") elt.dataset.enviando = "";
  });

  document.addEventListener("htmx:afterRequest", ({ detail: { elt, successful } }) => {
    if ("enviando" in elt.dataset) soltar(elt);
    if (successful && elt.tagName === "FORM") alterados.delete(elt);
  });

  // A whole page where a fragment was due: the session ended, or the view redirected. Go there, do not paste it.
  document.addEventListener("htmx:beforeSwap", (e) => {
    const { xhr, requestConfig, boosted } = e.detail;
    const destino = new URL(xhr.responseURL || location.href, location.href);
    const pedido = new URL(requestConfig.path, location.href);
    if (boosted || destino.pathname === pedido.pathname || !/^\s*<!doctype html/i.test(xhr.responseText)) return;
    e.detail.shouldSwap = false;
    if (destino.searchParams.has("next")) destino.searchParams.set("next", location.pathname + location.search);
    alterados.clear();
    location.assign(destino);
  });

  let focoAntes = null;
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const alvo = detail.target;
    const foco = document.activeElement;
    const linha = foco?.closest?.("[data-grade] tr[data-id]");
    focoAntes = alvo?.contains?.(foco) && foco !== document.body
      ? { alvo: alvo.id, grade: linha ? nomeDaGrade(linha.closest("[data-grade]")) : null, id: foco.id }
      : null;
    const { verb } = detail.requestConfig ?? {};
    if (verb && verb !== "get" && detail.xhr.status < 400) {
      const tabela = alvo?.matches?.("[data-grade]") ? alvo : alvo && $("[data-grade]", alvo);
      if (tabela) {
        estadoDe(tabela).todas = false;
        estadoDe(tabela).marcadas.clear();
      }
    }
  });

  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    if (detail.target?.id !== "dialogo") return;
    const janela = $("#dialogo-janela");
    if (!$("#dialogo").children.length) return void (janela.open && janela.close());
    const { elt } = detail.requestConfig;
    const invalido = detail.xhr.status === 422;
    const antes = instantaneos.get(janela);
    abrirDialogo(janela, janela.contains(elt) ? origens.get(janela) : elt);
    if (invalido && antes !== undefined) instantaneos.set(janela, antes); // typed data came back: still unsent
    focarDialogo(janela);
  });

  document.addEventListener("htmx:afterSettle", ({ detail }) => {
    if (!focoAntes || (document.activeElement && document.activeElement !== document.body)) return;
    const grade = focoAntes.grade && $$("[data-grade]").find((t) => nomeDaGrade(t) === focoAntes.grade);
    if (grade && focarLinha(linhaAtual(grade))) return;
    const alvo = (focoAntes.alvo && document.getElementById(focoAntes.alvo)) || (detail.elt?.isConnected ? detail.elt : null);
    const outra = alvo && $("[data-grade]", alvo);
    if (outra && focarLinha(linhaAtual(outra))) return;
    if (!alvo) return;
    if (!alvo.hasAttribute("tabindex")) alvo.tabIndex = -1;
    alvo.focus({ preventScroll: true });
  });

  // --------------------------------------------------------- live progress
  const pausados = new Set();
  let ultimoAnuncio = -Infinity;
  let ultimoTexto = "";

  function alternarPausa(botao) {
    const id = botao.dataset.pausar.replace(/^#/, "");
    if (!pausados.delete(id)) pausados.add(id);
    pintarPausa(botao);
    anunciar(pausados.has(id) ? "Atualização pausada." : "Atualização retomada.");
    if (!pausados.has(id)) htmx.trigger(document.getElementById(id), "retomar");
  }

  function pintarPausa(botao) {
    const pausado = pausados.has(botao.dataset.pausar.replace(/^#/, ""));
    botao.setAttribute("aria-pressed", pausado);
    botao.textContent = pausado ? "Retomar atualização" : "Pausar atualização";
  }

  /** Say the progress politely: at most once in 10 s, and always when it ends. */
  function anunciarAndamento(vivo) {
    const texto = ($("[data-anuncio]", vivo) ?? vivo).textContent.replace(/\s+/g, " ").trim();
    const fim = vivo.matches("[data-fim]") || $("[data-fim]", vivo);
    if (!$("[data-anuncio]", vivo) || texto === ultimoTexto) return;
    if (!fim && performance.now() - ultimoAnuncio < 10000) return;
    ultimoAnuncio = performance.now();
    ultimoTexto = texto;
    anunciar(texto);
  }

  // -------------------------------------------------- everything that loads
  function preparar(raiz) {
    const todos = (seletor) => [...(raiz.matches?.(seletor) ? [raiz] : []), ...$$(seletor, raiz)];
    todos("[data-grade]").forEach(prepararGrade);
    const aoRedor = raiz.parentElement?.closest("[data-grade]"); // a single row was swapped
    if (aoRedor) prepararGrade(aoRedor);
    todos("[data-pausar]").forEach(pintarPausa);
    todos("[data-atalho]").forEach((el) => el.setAttribute("aria-keyshortcuts", el.dataset.atalho.replaceAll("Ctrl", "Control")));
    todos("[data-contagem-marcadas],[data-exige-marcadas]").forEach((el) => {
      const tabela = gradeDe(el);
      if (tabela) resumir(tabela, foraDaPagina(tabela));
      else if ("exigeMarcadas" in el.dataset) prenderBotao(el, 0);
    });
    todos("[data-filtros-ativos]").forEach((el) => {
      const contagem = $("#filtros-contagem");
      if (contagem) contagem.textContent = el.dataset.filtrosAtivos;
    });
    todos("[data-vivo]").forEach(anunciarAndamento);
    todos(".rola,.encaixe > .cartao").forEach(tornarRolavel);
    const erros = todos("[data-erros]")[0];
    if (erros && !erros.closest("dialog")) erros.focus();
    const mensagem = todos("[data-mensagem]")[0];
    if (mensagem) anunciar(todos("[data-mensagem]").map((m) => m.firstElementChild.textContent).join(" "));
  }

  /** A box that scrolls and holds nothing focusable must itself be reachable by keyboard. */
  function tornarRolavel(caixa) {
    if (caixa.hasAttribute("tabindex") || caixa.scrollWidth <= caixa.clientWidth + 1) return;
    caixa.tabIndex = 0;
    caixa.setAttribute("role", "region");
    if (!caixa.hasAttribute("aria-label")) caixa.setAttribute("aria-label", "Tabela, role para ver mais");
  }

  document.addEventListener("htmx:load", ({ target }) => target !== document.body && preparar(target));
  preparar(document);
  marcarTema();
})();
