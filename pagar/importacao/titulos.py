"""The CSV of titles: every line checked as the pré-voo would, then made drafts, all the accepted ones or none."""

import hashlib
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.urls import reverse
from django.utils import timezone

from comum.documentos import Invalido, Motivo, documento
from comum.formatos import contar, format_dinheiro, format_numero, parse_data, parse_dinheiro, parse_percentual
from comum.models import Usuario
from comum.planilhas import Linha, ler
from empresas.campos import falta
from empresas.contexto import ler_competencia
from empresas.importacao.base import (
    ArquivoRecusado,
    Conferencia,
    Importador,
    Progresso,
    recusa_de,
)
from empresas.models import Empresa, Importacao
from nfse.importacao.celulas_notas import ler_referencia
from nfse.importacao.empresas import Empresas, empresa_padrao
from pagar.importacao.colunas_titulos import COLUNAS, DO_RATEIO, ROTULOS
from pagar.models import ContaErp, Fornecedor, RegraTitulo, Titulo, chave_de
from pagar.providers.barras import falta_do_codigo
from pagar.providers.blocos import Rateio
from pagar.providers.interface import Titulo as Corpo
from pagar.services.cadastros import Cadastros, Falta, Lugar, rateio_de
from pagar.services.rascunhos import (
    REPETE_OUTRO,
    ChaveRepetida,
    ReferenciaRepetida,
    barras_repetidas,
    dito_das_barras,
    gravar_novos,
    montar,
    problemas,
    repetidas,
)

_NO_BANCO = 20


def _no_banco(texto: str) -> str | Invalido:
    if len(texto) > _NO_BANCO:
        return Invalido(Motivo.TAMANHO, f"Tem {len(texto)} caracteres, e o limite é {_NO_BANCO}. Confira.")
    return texto


LEITORES: dict[str, Callable[[str], Any]] = {
    "referencia": ler_referencia,
    "competencia": ler_competencia,
    "emissao": parse_data,
    "vencimento": parse_data,
    "previsao": parse_data,
    "data_desconto": parse_data,
    "valor": parse_dinheiro,
    "desconto": parse_dinheiro,
    "valor_rateio": parse_dinheiro,
    "multa": parse_percentual,
    "juros_dia_percentual": parse_percentual,
    "titulo_no_banco": _no_banco,
}
_EXIGIDAS = tuple(coluna.nome for coluna in COLUNAS if coluna.obrigatoria)
_NO_CORPO = (
    "serie", "numero", "emissao", "vencimento", "previsao", "valor", "desconto", "data_desconto", "multa",
    "juros_dia_percentual", "historico",
)  # fmt: skip
_PARCELA = "1"  # of who says none
# Fields of the body that the file names otherwise; what no column holds is told of the line.
_COLUNA_DO_CAMPO = {"rateio": "valor_rateio"}


@dataclass
class _Celulas:
    """One line: `valores` as they came, `lidas` what they mean."""

    numero: int
    valores: dict[str, str]
    lidas: dict[str, Any] = field(default_factory=dict)
    empresa: Empresa | None = None

    def texto(self, coluna: str) -> str:
        return str(self.lidas.get(coluna) or self.valores.get(coluna, ""))


@dataclass
class _Grupo:
    """The lines of one title, by its key in the ERP: several when it is split. The rest is as the first one says."""

    empresa: Empresa
    lugar: Lugar
    fornecedor: Fornecedor
    regra: RegraTitulo | None
    celulas: list[_Celulas] = field(default_factory=list)
    titulo: Titulo | None = None

    @property
    def primeira(self) -> _Celulas:
        return self.celulas[0]

    def especie(self, celulas: _Celulas) -> str:
        return celulas.texto("especie") or (self.regra.especie if self.regra else "")


class ImportadorDeTitulos(Importador):
    """Drafts; a title whose key or referência exists is never made again. Lines of one key are one title, split.

    parametros: {"empresa": pk}, the empresa of the lines that name none.
    """

    tipo = "titulos"
    titulo = "Importar títulos"
    singular = "linha"
    plural = "linhas"
    colunas = COLUNAS
    url_nova = "pagar:titulos_importar"
    url_lista = "pagar:titulos"

    @classmethod
    def depois(cls, importacao: Importacao) -> tuple[str, str] | None:
        """The drafts that this file made, in the pré-voo."""
        titulos = importacao.resultado.get("extras", {}).get("titulos", [])
        if not titulos:
            return None
        quais = "o título importado" if len(titulos) == 1 else f"os {format_numero(len(titulos))} títulos importados"
        return f"Conferir e enviar {quais}", f"{reverse('pagar:prevoo')}?periodo=todos&importacao={importacao.pk}"

    def __init__(self, usuario: Usuario, parametros: dict[str, Any]) -> None:
        super().__init__(usuario, parametros)
        self._celulas: list[_Celulas] = []
        self._hoje = timezone.localdate()

    # -- reading -------------------------------------------------------------------------------------------------------
    def ler(self, conteudo: bytes, progresso: Progresso) -> None:
        planilha = ler(conteudo, COLUNAS)
        if planilha.erros:
            raise ArquivoRecusado("\n".join(erro.mensagem for erro in planilha.erros))
        self._avisos = [aviso.mensagem for aviso in planilha.avisos]
        self._linhas = 0
        for item in planilha:
            self._linhas += 1
            if isinstance(item, Linha):
                self._ler(_Celulas(item.numero, item.valores))
            else:
                self.recusas.append(recusa_de(item))
            progresso(self._linhas)

    def _ler(self, celulas: _Celulas) -> None:
        antes = len(self.recusas)
        for coluna in ROTULOS:
            texto = celulas.valores.get(coluna, "")
            if not texto:
                if coluna in _EXIGIDAS:
                    self._recusar(celulas, coluna, falta(ROTULOS[coluna]).mensagem)
                continue
            lida = LEITORES[coluna](texto) if coluna in LEITORES else texto
            if isinstance(lida, Invalido):
                self._recusar(celulas, coluna, lida.mensagem)
            else:
                celulas.lidas[coluna] = lida
        if codigo := celulas.lidas.get("codigo_barras"):
            self._ler_barras(celulas, codigo)
        if len(self.recusas) == antes:
            self._celulas.append(celulas)

    def _ler_barras(self, celulas: _Celulas, texto: str) -> None:
        limpo = "".join(letra for letra in texto if letra not in " .-\t")
        if dito := falta_do_codigo(limpo):
            self._recusar(celulas, "codigo_barras", f"Código de barras: {dito}")
        celulas.lidas["codigo_barras"] = limpo

    # -- against what is stored ----------------------------------------------------------------------------------------
    def conferir(self) -> Conferencia:
        _uma_por_vez()
        grupos = self._montar()
        iguais = self._ja_existem(grupos)
        self._novos = [grupo.titulo for grupo in grupos if grupo.titulo is not None]
        novas = sum(len(grupo.celulas) for grupo in grupos if grupo.titulo is not None)
        avisos = list(self._avisos)
        if len(self._novos) != novas:
            quantos = contar(len(self._novos), "título", "títulos")
            avisos.append(f"As {format_numero(novas)} linhas novas são {quantos}: há rateios em mais de uma linha.")
        if iguais:
            ja = contar(len(iguais), "linha já foi importada", "linhas já foram importadas")
            avisos.append(f"{ja} antes, com a mesma referência: nada a fazer.")
        tudo = [(t.chave, str(t.valor), t.vencimento.isoformat()) for t in self._novos]
        return Conferencia(
            linhas=self._linhas,
            novas=novas,
            alteradas=0,
            iguais=len(iguais),
            recusas=self.recusas,
            assinatura=hashlib.sha256(repr((tudo, sorted(iguais), sorted(self.recusas))).encode()).hexdigest(),
            avisos=avisos,
        )

    def gravar(self) -> dict[str, Any]:
        try:
            titulos = gravar_novos(self._novos, self.usuario)
        except (ChaveRepetida, ReferenciaRepetida) as erro:
            raise ArquivoRecusado(f"{erro} Nada foi importado: envie de novo.") from erro
        return {
            "titulos": [titulo.pk for titulo in titulos],
            "valor": str(sum((titulo.valor for titulo in titulos), Decimal(0))),
        }

    # -- one title -----------------------------------------------------------------------------------------------------
    def _montar(self) -> list[_Grupo]:
        """The titles of the lines; of one with anything wrong in any of its lines nothing is made."""
        padrao, empresas = empresa_padrao(self.usuario, self.parametros), Empresas(self.usuario)
        das_linhas: dict[int, int] = {}
        for celulas in self._celulas:
            texto = celulas.texto("empresa")
            achada = empresas.achar(texto) if texto else padrao
            if isinstance(achada, Invalido):
                self._recusar(celulas, "empresa", achada.mensagem)
            elif achada is None:
                motivo = "Falta a empresa: código ou CNPJ. Ou escolha a empresa no topo da tela e envie de novo."
                self._recusar(celulas, "empresa", motivo)
            else:
                das_linhas[celulas.numero] = int(achada)
        conhecidas = Empresa.objects.select_related("municipio").in_bulk(set(das_linhas.values()))
        self._cadastros = Cadastros(conhecidas.values())
        self._fornecedores = _Fornecedores()
        grupos: dict[tuple[UUID, str], _Grupo] = {}
        for celulas in self._celulas:
            if celulas.numero in das_linhas:
                self._agrupar(celulas, conhecidas[das_linhas[celulas.numero]], grupos)
        for grupo in grupos.values():
            self._fazer(grupo)
        return list(grupos.values())

    def _agrupar(self, celulas: _Celulas, empresa: Empresa, grupos: dict[tuple[UUID, str], _Grupo]) -> None:
        lugar = self._cadastros.lugar(empresa)
        if isinstance(lugar, Falta):
            self._recusar(celulas, "empresa", lugar.mensagem)
            return
        fornecedor = self._fornecedores.achar(lugar.conta, celulas.texto("fornecedor"))
        if isinstance(fornecedor, Falta):
            self._recusar(celulas, "fornecedor", fornecedor.mensagem)
            return
        grupo = _Grupo(empresa, lugar, fornecedor, self._cadastros.regra_de(fornecedor))
        chave = chave_de(
            lugar.destino.empresa_erp, lugar.destino.estabelecimento, grupo.especie(celulas), celulas.texto("serie"),
            fornecedor.codigo, celulas.texto("numero"), celulas.texto("parcela") or _PARCELA,
        )  # fmt: skip
        celulas.empresa = empresa
        grupos.setdefault((lugar.conta.pk, chave), grupo).celulas.append(celulas)

    def _fazer(self, grupo: _Grupo) -> None:
        antes, primeira = len(self.recusas), grupo.primeira
        lugar, fornecedor, regra = grupo.lugar, grupo.fornecedor, grupo.regra
        for celulas in grupo.celulas[1:]:
            self._conferir_repeticao(primeira, celulas)
        lidas = primeira.lidas
        emissao: date = lidas["emissao"]
        corpo = Corpo(
            **{nome: lidas[nome] for nome in _NO_CORPO if nome in lidas},
            fornecedor=fornecedor.codigo,
            especie=grupo.especie(primeira),
            parcela=primeira.texto("parcela") or _PARCELA,
            moeda=lugar.conta.moeda,
            portador=primeira.texto("portador") or (regra.portador if regra else "") or lugar.conta.portador,
            forma_pagamento=primeira.texto("forma_pagamento") or (regra.forma_pagamento if regra else ""),
            rateio=tuple(self._rateio(celulas, grupo) for celulas in grupo.celulas),
        )
        codigo = lidas.get("codigo_barras", "")
        titulo = montar(
            lugar.destino,
            grupo.empresa,
            fornecedor,
            corpo,
            competencia=lidas.get("competencia") or emissao.replace(day=1),
            referencia=lidas.get("referencia", ""),
            codigo_barras=codigo,
            barras=Titulo.Barras.PENDENTE if codigo else Titulo.Barras.SEM,
            titulo_no_banco=lidas.get("titulo_no_banco", ""),
        )
        for problema in problemas(lugar.destino, fornecedor, corpo, self.usuario, codigo_barras=codigo):
            self._dizer(grupo, problema.campo, problema.mensagem)
        if len(self.recusas) == antes:
            grupo.titulo = titulo

    def _conferir_repeticao(self, primeira: _Celulas, celulas: _Celulas) -> None:
        """The lines of a split title say the same of everything but the split."""
        if primeira.empresa != celulas.empresa:
            motivo = f"O mesmo título já está na linha {primeira.numero}, de outra empresa. Mude o número ou a parcela."
            self._recusar(celulas, "empresa", motivo)
            return
        if "valor_rateio" not in celulas.lidas or "valor_rateio" not in primeira.lidas:
            motivo = (
                f"O mesmo título já está na linha {primeira.numero}. Se é um rateio, informe o valor do rateio nas "
                "duas linhas; se é outro título, mude o número ou a parcela."
            )
            self._recusar(celulas, "numero", motivo)
            return
        for coluna in ("referencia", "emissao", "vencimento", "valor", "competencia"):
            if primeira.lidas.get(coluna) != celulas.lidas.get(coluna):
                motivo = f"Diferente da linha {primeira.numero}, que é do mesmo título. Deixe as duas iguais."
                self._recusar(celulas, coluna, motivo)

    def _rateio(self, celulas: _Celulas, grupo: _Grupo) -> Rateio:
        regra = grupo.regra
        inteiro = celulas.lidas["valor"] if len(grupo.celulas) == 1 else None
        valor = celulas.lidas.get("valor_rateio", inteiro)
        proprias = {nome: celulas.texto(nome) for nome in DO_RATEIO}
        if regra is not None and not any(proprias.values()):
            return rateio_de(regra, valor)
        if regra is not None:  # what the line does not say is the rule's, but not half a cost centre
            for nome, da_regra in (
                ("plano_contas", regra.plano_contas),
                ("conta", regra.conta_contabil),
                ("unidade_negocio", regra.unidade_negocio),
                ("fluxo", regra.fluxo),
            ):
                proprias[nome] = proprias[nome] or da_regra
        return Rateio(**proprias, valor=valor)

    def _dizer(self, grupo: _Grupo, campo: str, mensagem: str) -> None:
        """At the line and column where it was typed: `campo` is "vencimento", or "rateio.1.fluxo"."""
        nome, _, resto = campo.partition(".")
        posicao, _, dentro = resto.partition(".")
        celulas = grupo.primeira
        if nome == "rateio" and posicao.isdecimal():
            celulas = grupo.celulas[int(posicao)]
            nome = "valor_rateio" if dentro in ("valor", "") else dentro
        coluna = _COLUNA_DO_CAMPO.get(nome, nome)
        self._recusar(celulas, coluna if coluna in ROTULOS else "numero", mensagem)

    # -- the titles together -------------------------------------------------------------------------------------------
    def _ja_existem(self, grupos: list[_Grupo]) -> set[int]:
        """Lines whose title exists under the same referência; what has the key, or the bar code, of another title is
        refused."""
        feitos = [(grupo, grupo.titulo) for grupo in grupos if grupo.titulo is not None]
        donos = repetidas(titulo for _, titulo in feitos)
        das_barras = barras_repetidas(titulo for _, titulo in feitos)
        linhas_das_barras: dict[str, int] = {}
        nomes = {titulo.referencia for _, titulo in feitos if titulo.referencia}
        vivos = Titulo.objects.vivos().filter(referencia__in=nomes).select_related("fornecedor")
        por_referencia = {(titulo.empresa_id, titulo.referencia): titulo for titulo in vivos}
        de_outros = {dono.pk for dono in (*donos.values(), *das_barras.values())}
        vistos = Titulo.objects.visiveis(self.usuario).filter(pk__in=de_outros)
        visiveis = {*vistos.values_list("pk", flat=True), *(titulo.pk for titulo in vivos)}
        iguais: set[int] = set()
        vistas: dict[tuple[Any, ...], int] = defaultdict(int)
        for grupo, titulo in feitos:
            primeira = grupo.primeira
            ja = por_referencia.get((titulo.empresa_id, titulo.referencia)) or donos.get(
                (titulo.conta_id, titulo.chave)
            )
            outra = vistas[titulo.empresa_id, titulo.referencia] if titulo.referencia else 0
            vistas[titulo.empresa_id, titulo.referencia] = primeira.numero
            if ja is not None and titulo.referencia and _e_o_mesmo(titulo, ja):
                iguais |= {celulas.numero for celulas in grupo.celulas}
            elif ja is not None and ja.pk not in visiveis:
                self._recusar(primeira, "numero", REPETE_OUTRO)
            elif ja is not None:
                dito = f"{ja.nome} de {ja.fornecedor}, {format_dinheiro(ja.valor)}, “{ja.get_situacao_display()}”"
                motivo = f"Já existe o título {dito}. Se este é outro, mude o número, a parcela ou a referência."
                self._recusar(primeira, "referencia" if ja.chave != titulo.chave else "numero", motivo)
            elif outra:
                motivo = f"Referência repetida: já está na linha {outra}. Cada título da empresa tem a sua."
                self._recusar(primeira, "referencia", motivo)
            elif (dono := das_barras.get(titulo.codigo_barras)) is not None:
                qual = f"no título {dono.nome}" if dono.pk in visiveis else "em outro título"
                self._recusar(primeira, "codigo_barras", dito_das_barras(qual))
            elif titulo.codigo_barras in linhas_das_barras:
                qual = f"na linha {linhas_das_barras[titulo.codigo_barras]}"
                self._recusar(primeira, "codigo_barras", dito_das_barras(qual))
            else:
                if titulo.codigo_barras:
                    linhas_das_barras[titulo.codigo_barras] = primeira.numero
                continue
            grupo.titulo = None
        return iguais


def _e_o_mesmo(novo: Titulo, guardado: Titulo) -> bool:
    return (novo.empresa_id, novo.referencia, novo.chave, novo.valor) == (
        guardado.empresa_id, guardado.referencia, guardado.chave, guardado.valor
    )  # fmt: skip


class _Fornecedores:
    """The active suppliers of every account, by code and by document."""

    def __init__(self) -> None:
        self._todos: dict[tuple[Any, str], Fornecedor] = {}
        for fornecedor in Fornecedor.objects.filter(ativo=True).select_related("conta").iterator(chunk_size=5000):
            self._todos[fornecedor.conta_id, str(fornecedor.codigo)] = fornecedor
            if fornecedor.documento:
                self._todos[fornecedor.conta_id, fornecedor.documento] = fornecedor

    def achar(self, conta: ContaErp, texto: str) -> Fornecedor | Falta:
        lido = documento(texto)
        chave = lido if isinstance(lido, str) else texto.lstrip("0")
        achado = self._todos.get((conta.pk, chave))
        return achado or Falta(
            f"Não há fornecedor ativo com este código ou documento na conta {conta.nome}. Inclua-o antes."
        )


def _uma_por_vez() -> None:
    """Two imports of titles at once would each find that the other's do not exist: they take turns, until the end of
    the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('pagar.importar_titulos'))")
