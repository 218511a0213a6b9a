"""The CSV of accounts of the ERP. Secrets never come by file: a new account stays inactive until somebody types its
password on screen."""

import hashlib
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS

from comum.documentos import Invalido
from comum.formatos import normalizar, parse_sim_nao
from comum.planilhas import Coluna, Linha, ler
from empresas.importacao.base import (
    AMOSTRA,
    Alteracao,
    ArquivoRecusado,
    Conferencia,
    Importador,
    Progresso,
    Recusa,
    recusa_de,
)
from pagar.forms.contas import ContaForm
from pagar.models import ContaErp, Momento
from pagar.services import acesso, contas

COLUNAS = (
    Coluna("nome", "nome", True, ("conta", "nome da conta")),
    Coluna("endereco", "endereço do servidor", sinonimos=("endereço", "servidor", "url")),
    Coluna("contexto", "contexto"),
    Coluna("usuario", "usuário do ERP", sinonimos=("usuário",)),
    Coluna("ativa", "ativa", sinonimos=("ativo", "situação")),
    Coluna("empresa", "empresa no ERP", sinonimos=("empresa",)),
    Coluna("estabelecimento", "estabelecimento padrão", sinonimos=("estabelecimento",)),
    Coluna("portador", "portador dos títulos", sinonimos=("portador",)),
    Coluna("portador_do_bordero", "portador do borderô"),
    Coluna("moeda", "moeda"),
    Coluna("matriz", "matriz de tradução", sinonimos=("matriz",)),
    Coluna("especie_antecipacao", "espécie de antecipação"),
    Coluna("reter_em", "impostos retidos"),
    Coluna("forma_ted", "forma TED"),
    Coluna("forma_boleto", "forma boleto"),
    Coluna("forma_tributo", "forma tributo"),
    Coluna("forma_pix", "forma Pix"),
    Coluna("titulos_por_lote", "títulos por lote"),
    Coluna("por_segundo", "chamadas por segundo"),
)
_ROTULOS = {coluna.nome: coluna.rotulo for coluna in COLUNAS}
_OPCOES = {"contexto": ContaErp.Contexto.choices, "reter_em": Momento.choices}


class ImportadorDeContas(Importador):
    """Upsert by name, each line checked by the form of the screen."""

    tipo = "contas_erp"
    titulo = "Importar contas do ERP"
    singular = "conta"
    plural = "contas"
    colunas = COLUNAS
    url_nova = "pagar:contas_importar"
    url_lista = "pagar:contas"

    def ler(self, conteudo: bytes, progresso: Progresso) -> None:
        if not self.usuario.administra:
            raise ArquivoRecusado("Só o administrador do Guichê importa este cadastro. Nada foi gravado.")
        planilha = ler(conteudo, COLUNAS)
        if planilha.erros:
            raise ArquivoRecusado("\n".join(erro.mensagem for erro in planilha.erros))
        self._avisos = [aviso.mensagem for aviso in planilha.avisos]
        self._ruins: list[Recusa] = []
        self._linhas: list[Linha] = []
        for ordem, item in enumerate(planilha, start=1):
            if isinstance(item, Linha):
                self._linhas.append(item)
            else:
                self._ruins.append(recusa_de(item))
            progresso(ordem)

    def conferir(self) -> Conferencia:
        guardadas = {normalizar(conta.nome): conta for conta in ContaErp.objects.select_for_update(no_key=True)}
        self._boas: list[ContaForm] = []
        recusas, alteracoes, vistas = list(self._ruins), list[Alteracao](), dict[str, int]()
        novas = alteradas = iguais = 0
        for linha in self._linhas:
            nome = normalizar(linha.valores.get("nome", ""))
            primeira = vistas.setdefault(nome, linha.numero)
            if primeira != linha.numero:
                recusas.append(self._recusa(linha, "nome", f"Repetida: é a mesma da linha {primeira}. Deixe só uma."))
                continue
            guardada = guardadas.get(nome)
            form, ruins = self._form(linha, guardada)
            recusas += ruins
            if ruins:
                continue
            mudam = [] if guardada is None else self._mudancas(linha, form)
            novas, alteradas = novas + (guardada is None), alteradas + bool(mudam)
            iguais += guardada is not None and not mudam
            alteracoes += mudam
            if guardada is None or mudam:
                self._boas.append(form)
        tudo = f"{[form.instance.nome for form in self._boas]}{sorted(recusas)}{sorted(alteracoes)}"
        return Conferencia(
            linhas=len(self._linhas) + len(self._ruins),
            novas=novas,
            alteradas=alteradas,
            iguais=iguais,
            recusas=recusas,
            assinatura=hashlib.sha256(tudo.encode()).hexdigest(),
            alteracoes=alteracoes[:AMOSTRA],
            avisos=self._avisos,
        )

    def gravar(self) -> dict[str, Any]:
        salvas = []
        for form in self._boas:
            try:
                conta = contas.salvar(usuario=self.usuario, conta=form.instance, secretos=contas.Segredos())
            except contas.ContaErro as erro:
                raise ArquivoRecusado(f"{erro} Nada foi importado: envie de novo.") from erro
            salvas.append(conta.codigo)
        return {"contas": salvas}

    # -- one line ------------------------------------------------------------------------------------------------------
    def _form(self, linha: Linha, guardada: ContaErp | None) -> tuple[ContaForm, list[Recusa]]:
        """The form of the screen as this line would fill it, blank cells leaving what is stored; what it refuses."""
        instancia = ContaErp.objects.get(pk=guardada.pk) if guardada else None  # the form writes over it
        antes = ContaForm(instance=instancia)
        dados = {nome: antes[nome].value() for nome in antes.fields}
        dados |= {"ativa": guardada is not None and guardada.ativa}
        if guardada is not None:
            dados["versao"] = acesso.versao_de(guardada)
        ruins = []
        for nome, texto in linha.valores.items():
            if not texto:
                continue
            lido = self._ler(nome, texto)
            if isinstance(lido, Invalido):
                ruins.append(self._recusa(linha, nome, lido.mensagem))
            else:
                dados[nome] = lido
        enviados = {nome: valor for nome, valor in dados.items() if valor is not None and valor is not False}
        form = ContaForm(enviados, instance=instancia)
        for campo, textos in form.errors.items():
            coluna = campo if campo in _ROTULOS and campo != NON_FIELD_ERRORS else "nome"
            if not any(ruim.coluna == _ROTULOS[coluna] for ruim in ruins):
                ruins.append(self._recusa(linha, coluna, " ".join(map(str, textos))))
        return form, ruins

    def _ler(self, nome: str, texto: str) -> Any:
        if nome == "ativa":
            return parse_sim_nao(texto)
        for valor, rotulo in _OPCOES.get(nome, ()):
            if normalizar(texto) in (normalizar(str(valor)), normalizar(str(rotulo))):
                return valor
        return texto

    def _mudancas(self, linha: Linha, form: ContaForm) -> list[Alteracao]:
        return [
            Alteracao(
                linha.numero, form.instance.nome, _ROTULOS[nome], str(form[nome].initial or ""), linha.valores[nome]
            )
            for nome in form.changed_data
            if nome in _ROTULOS and linha.valores.get(nome)
        ]
