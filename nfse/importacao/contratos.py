"""The CSV of recurring contracts: each line checked against the registers, then compared with what is stored."""

import hashlib
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils import timezone

from comum.documentos import Invalido, Motivo, documento
from comum.formatos import normalizar, parse_data, parse_dinheiro, parse_sim_nao
from comum.models import Usuario
from comum.mudancas import dizer
from comum.planilhas import DE_DOCUMENTO, Coluna, Linha, ler
from empresas.campos import falta
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
from empresas.models import Empresa
from nfse import campos
from nfse.importacao.empresas import SEM_EMPRESA, Empresas, empresa_padrao
from nfse.models import Contrato, Servico, Tomador
from nfse.services.contratos import guardar_anterior
from nfse.services.descricao import MESES

COLUNAS = (
    Coluna("empresa", "empresa", sinonimos=("prestador", "código da empresa", "cnpj da empresa")),
    Coluna("tomador", "tomador", sinonimos=("nome", "nome do tomador", "cliente")),
    Coluna("documento", "CNPJ ou CPF", True, (*DE_DOCUMENTO, "cnpj do tomador", "nif")),
    Coluna("servico", "serviço", True, ("código do serviço",)),
    Coluna("valor", "valor mensal", True, ("valor", "mensalidade")),
    Coluna("valor_desde", "valor desde", sinonimos=("valor em vigor desde",)),
    Coluna("de", "vigência de", True, ("início", "de")),
    Coluna("ate", "vigência até", sinonimos=("fim", "até")),
    Coluna("dia", "dia", sinonimos=("dia da emissão",)),
    Coluna("mes_do_reajuste", "mês do reajuste", sinonimos=("reajuste",)),
    Coluna("indice", "índice", sinonimos=("índice do reajuste",)),
    Coluna("descricao", "descrição", sinonimos=("discriminação",)),
    Coluna("ativo", "ativo", sinonimos=("ativa", "situação")),
)
ROTULOS = {coluna.nome: coluna.rotulo for coluna in COLUNAS}
# What the file may change; a blank cell leaves what is stored.
_ALTERAVEIS = ("valor", "valor_desde", "ate", "dia", "mes_do_reajuste", "indice", "descricao", "ativo")
_MESES = {normalizar(nome): numero for numero, nome in enumerate(MESES, 1)}

Chave = tuple[int, int, int, date]  # empresa, tomador, serviço, beginning


@dataclass
class _Lida:
    """A good line: its key, and the fields that it gives."""

    linha: int
    chave: Chave
    valores: dict[str, Any]


def _inteiro(texto: str) -> int:
    return int(texto) if texto.isascii() and texto.isdecimal() and len(texto) < 3 else 0


def _ler_mes(texto: str) -> int | Invalido:
    numero = (
        int(texto) if texto.isascii() and texto.isdecimal() and len(texto) < 3 else _MESES.get(normalizar(texto), 0)
    )
    if 1 <= numero <= 12:
        return numero
    return Invalido(Motivo.INEXISTENTE, "Mês de 1 a 12, ou o nome dele.")


def _ler_dia(texto: str) -> int | Invalido:
    dia = _inteiro(texto)
    return dia if 1 <= dia <= 31 else Invalido(Motivo.INEXISTENTE, campos.DIA)


def _ler_valor(texto: str) -> Decimal | Invalido:
    lido = parse_dinheiro(texto)
    return Invalido(Motivo.PROIBIDO, campos.VALOR_ZERO) if lido == 0 else lido


def _ler_descricao(texto: str) -> str | Invalido:
    if len(texto) > campos.MAIOR_TEXTO:
        return Invalido(Motivo.TAMANHO, f"Descrição com {len(texto)} letras; cabem {campos.MAIOR_TEXTO}. Abrevie.")
    return texto


_LEITORES: dict[str, Any] = {
    "valor": _ler_valor,
    "valor_desde": parse_data,
    "de": parse_data,
    "ate": parse_data,
    "dia": _ler_dia,
    "mes_do_reajuste": _ler_mes,
    "indice": lambda texto: campos.ler_linha(texto, "Índice", 30),
    "descricao": _ler_descricao,
    "ativo": parse_sim_nao,
}


class ImportadorDeContratos(Importador):
    """Upsert by empresa, tomador, serviço and beginning. parametros: {"empresa": id}, as of the tomadores."""

    tipo = "contratos"
    titulo = "Importar contratos"
    singular = "contrato"
    plural = "contratos"
    colunas = COLUNAS
    url_nova = "nfse:contratos_importar"
    url_lista = "nfse:contratos"

    def __init__(self, usuario: Usuario, parametros: dict[str, Any]) -> None:
        super().__init__(usuario, parametros)
        self.linhas = 0
        self._lidas: list[_Lida] = []
        self._vistas: dict[Chave, int] = {}

    def ler(self, conteudo: bytes, progresso: Progresso) -> None:
        planilha = ler(conteudo, COLUNAS)
        if planilha.erros:
            raise ArquivoRecusado("\n".join(erro.mensagem for erro in planilha.erros))
        self._avisos = [aviso.mensagem for aviso in planilha.avisos]
        self._preparar()
        for item in planilha:
            self.linhas += 1
            progresso(self.linhas)
            if isinstance(item, Linha):
                self._linha(item)
            else:
                self.recusas.append(recusa_de(item))

    def _preparar(self) -> None:
        """Read what the lines are checked against."""
        visiveis = Empresa.objects.visiveis(self.usuario)
        self._padrao = empresa_padrao(self.usuario, self.parametros)
        self._empresas = Empresas(self.usuario)
        self._tomadores: dict[tuple[int, str], tuple[int, bool]] = {}
        todos = Tomador.objects.filter(empresa__in=visiveis).values_list("empresa", "documento", "nif", "pk", "ativo")
        for empresa, doc, nif, pk, ativo in todos.iterator(chunk_size=5000):
            if doc or nif:
                self._tomadores[empresa, doc or nif] = (pk, ativo)
        servicos = Servico.objects.filter(empresa__in=visiveis).values_list("empresa", "codigo", "pk", "ativo")
        self._servicos = {(empresa, codigo): (pk, ativo) for empresa, codigo, pk, ativo in servicos}

    def _linha(self, linha: Linha) -> None:
        antes = len(self.recusas)
        empresa = self._empresa(linha)
        tomador = self._de(self._tomadores, linha, empresa, "documento")
        servico = self._de(self._servicos, linha, empresa, "servico")
        valores: dict[str, Any] = {}
        for coluna, leitor in _LEITORES.items():
            texto = linha.valores.get(coluna, "")
            lido = leitor(texto) if texto else None
            if isinstance(lido, Invalido):
                self._recusar(linha, coluna, lido.mensagem)
            elif lido is not None:
                valores[coluna] = lido
        for coluna in ("valor", "de"):
            if not linha.valores.get(coluna):
                self._recusar(linha, coluna, falta(ROTULOS[coluna]).mensagem)
        if len(self.recusas) > antes:
            return
        self._conferir_periodo(linha, valores)
        chave = (empresa, tomador, servico, valores.pop("de"))
        primeira = self._vistas.setdefault(chave, linha.numero)
        if primeira != linha.numero:
            self._recusar(linha, "documento", f"Repetido: é o contrato da linha {primeira}. Deixe só uma das linhas.")
        if len(self.recusas) == antes:
            self._lidas.append(_Lida(linha.numero, chave, valores))

    def _empresa(self, linha: Linha) -> int:
        """Key of the empresa; 0 when it was refused."""
        texto = linha.valores.get("empresa", "")
        achada = self._empresas.achar(texto) if texto else (SEM_EMPRESA if self._padrao is None else str(self._padrao))
        if isinstance(achada, Invalido):
            self._recusar(linha, "empresa", achada.mensagem)
            return 0
        return int(achada)

    def _de(self, onde: dict[tuple[int, str], tuple[int, bool]], linha: Linha, empresa: int, coluna: str) -> int:
        """Key of the tomador or serviço of that empresa; 0 when it was refused, or nobody knows of whom it is."""
        texto = linha.valores.get(coluna, "")
        if not texto:
            self._recusar(linha, coluna, falta(ROTULOS[coluna]).mensagem)
            return 0
        lido = documento(texto) if coluna == "documento" else texto
        achado = (onde.get((empresa, lido)) if isinstance(lido, str) else None) or onde.get((empresa, texto.upper()))
        if achado is not None and achado[1]:
            return achado[0]
        if isinstance(lido, Invalido) and any(map(str.isdigit, texto)) and achado is None:
            self._recusar(linha, coluna, lido.mensagem)
        elif empresa:
            nome = "Tomador" if coluna == "documento" else "Serviço"
            situacao = "está inativo. Ative-o" if achado else "não está cadastrado nesta empresa. Inclua-o"
            self._recusar(linha, coluna, f"{nome} {situacao} antes de importar o contrato.")
        return 0

    def _conferir_periodo(self, linha: Linha, valores: dict[str, Any]) -> None:
        de, ate, desde = valores["de"], valores.get("ate"), valores.get("valor_desde")
        if ate and ate < de:
            self._recusar(linha, "ate", campos.termina_antes(de))
        elif ate and desde and desde > ate:
            self._recusar(linha, "valor_desde", campos.depois_do_fim(ate))
        if valores.get("indice") and not valores.get("mes_do_reajuste"):
            self._recusar(linha, "mes_do_reajuste", campos.INDICE_SEM_MES)

    # -- against what is stored -------------------------------------------------------------------------------------

    def conferir(self) -> Conferencia:
        with connection.cursor() as cursor:
            # Nobody else writes contratos until the merge ends (reading and the keys of other tables go on).
            cursor.execute("LOCK TABLE nfse_contrato IN SHARE ROW EXCLUSIVE MODE")
        guardados = self._guardados()
        recusas, alteracoes = list(self.recusas), []
        classes: dict[int, str] = {}
        self._novos: list[Contrato] = []
        self._mudados: list[Contrato] = []
        for lida in self._lidas:
            iguais = guardados.get(lida.chave, [])
            if len(iguais) > 1:
                recusas.append(Recusa(lida.linha, ROTULOS["documento"], "", _VARIOS))
            elif iguais:
                mudam = _mudar(iguais[0], lida, self._mudados)
                classes[lida.linha] = "c" if mudam else "i"
                alteracoes += mudam
            else:
                classes[lida.linha] = "n"
                self._novos.append(_criar(lida))
        contagem = Counter(classes.values())
        tudo = f"{sorted(classes.items())}{sorted(recusas)}"
        return Conferencia(
            linhas=self.linhas,
            novas=contagem["n"],
            alteradas=contagem["c"],
            iguais=contagem["i"],
            recusas=recusas,
            assinatura=hashlib.sha256(tudo.encode()).hexdigest(),
            alteracoes=alteracoes[:AMOSTRA],
            avisos=self._avisos,
        )

    def _guardados(self) -> dict[Chave, list[Contrato]]:
        achados: dict[Chave, list[Contrato]] = defaultdict(list)
        empresas = {lida.chave[0] for lida in self._lidas}
        contratos = Contrato.objects.filter(empresa__in=empresas).select_related("tomador", "servico")
        for contrato in contratos.defer("tomador__busca", "servico__busca", "servico__descricao"):
            achados[contrato.empresa_id, contrato.tomador_id, contrato.servico_id, contrato.de].append(contrato)
        return achados

    def gravar(self) -> dict[str, Any]:
        ordens = dict(Tomador.objects.filter(pk__in={c.tomador_id for c in self._novos}).values_list("pk", "ordem"))
        for contrato in self._novos:
            contrato.ordem = ordens[contrato.tomador_id]
        Contrato.objects.bulk_create(self._novos, batch_size=2000)
        campos_mudados = [*_ALTERAVEIS, "valor_anterior", "anterior_desde", "alterado_em"]
        Contrato.objects.bulk_update(self._mudados, campos_mudados, batch_size=1000)
        return {}


_VARIOS = "Há mais de um contrato deste tomador, com este serviço e este início. Altere na tela."


def _criar(lida: _Lida) -> Contrato:
    empresa, tomador, servico, de = lida.chave
    return Contrato(
        empresa_id=empresa,
        tomador_id=tomador,
        servico_id=servico,
        de=de,
        **({"valor_desde": de} | lida.valores),
    )


def _mudar(contrato: Contrato, lida: _Lida, mudados: list[Contrato]) -> list[Alteracao]:
    """Put into the stored contrato what the line changes of it; what changed, in words."""
    quem = str(contrato)
    mudam = [
        Alteracao(lida.linha, quem, ROTULOS[campo], dizer(getattr(contrato, campo)), dizer(lida.valores[campo]))
        for campo in _ALTERAVEIS
        if campo in lida.valores and getattr(contrato, campo) != lida.valores[campo]
    ]
    if mudam:
        valor, desde = contrato.valor, contrato.valor_desde
        for campo, novo in lida.valores.items():
            setattr(contrato, campo, novo)
        guardar_anterior(contrato, valor, desde)
        contrato.alterado_em = timezone.now()
        mudados.append(contrato)
    return mudam
