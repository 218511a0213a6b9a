"""CSV of receitas and of past months, in the two steps of every import (empresas.importacao.base)."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import batched
from typing import Any

from django.urls import reverse
from django.utils import timezone

from comum.documentos import Invalido, Motivo, documento, mascarar
from comum.formatos import (
    contar,
    format_competencia,
    format_numero,
    normalizar,
    parse_competencia,
    parse_dinheiro,
    parse_sim_nao,
)
from comum.models import Usuario
from comum.planilhas import Coluna as ColunaCsv
from comum.planilhas import Linha, ler
from empresas.calendario import somar_meses
from empresas.contexto import PRIMEIRA_COMPETENCIA
from empresas.importacao.base import (
    AMOSTRA,
    Alteracao,
    ArquivoRecusado,
    Conferencia,
    Importador,
    Pendencia,
    Progresso,
    Recusa,
    recusa_de,
)
from empresas.models import Empresa
from empresas.municipios import Municipios
from guias.calculo.atividades import ATIVIDADES, NOMES_CURTOS
from guias.calculo.rbt12 import ReceitaMes, apurar_rbt12
from guias.calculo.recusa import Recusa as Impossivel
from guias.models import COM_OUTRO_MUNICIPIO, COM_TRATAMENTO, HistoricoMensal, Tratamento
from guias.services.calculo import recalcular_seguintes, travar
from guias.services.fatos import MESES_LIDOS, Fatos, carregar
from guias.services.quadro import do_simples
from guias.services.receitas import Coluna, Digitado, Estado, conferir_movimento, estados, gravar


def _dita(atividade: int) -> str:
    return f"A atividade {atividade} ({NOMES_CURTOS[atividade]})"


_PRIMEIRO_MES = somar_meses(PRIMEIRA_COMPETENCIA, -MESES_LIDOS)  # what the first competência looks back on
_DOCUMENTO = ColunaCsv("cnpj", "CNPJ", True, ("documento", "cnpj do estabelecimento"))
_COMPETENCIA = ColunaCsv("competencia", "competência", True, ("mês", "período", "pa"))

COLUNAS_RECEITAS = (
    _DOCUMENTO,
    _COMPETENCIA,
    ColunaCsv("atividade", "atividade", False, ("id atividade", "código da atividade")),
    ColunaCsv("valor", "valor", False, ("receita", "valor da receita")),
    ColunaCsv("tratamento", "tratamento", False, ("tributos já recolhidos",)),
    ColunaCsv("municipio", "município do ISS", False, ("município", "município iss")),
    ColunaCsv("uf", "UF", False, ("estado",)),
    ColunaCsv("folha", "folha", False, ("folha de salários",)),
    ColunaCsv("sem_movimento", "sem movimento", False, ("parada",)),
)
COLUNAS_HISTORICO = (
    _DOCUMENTO,
    _COMPETENCIA,
    ColunaCsv("interno", "receita interna", False, ("receita mercado interno", "interna", "receita")),
    ColunaCsv("externo", "receita externa", False, ("receita mercado externo", "externa", "exportação")),
    ColunaCsv("folha", "folha", False, ("folha de salários",)),
    ColunaCsv("declarada", "já declarada", False, ("declarada", "declarado")),
)

_TRATAMENTOS = {
    **{normalizar(rotulo): valor for valor, rotulo in Tratamento.choices if valor},
    "st": Tratamento.ST,
    "icms st": Tratamento.ST,
    "monofasica": Tratamento.MONOFASICA,
    "st e monofasica": Tratamento.ST_MONOFASICA,
}
_LOTE = 500  # companies whose months are read at once
_POR_NOME = {normalizar(atividade.nome): atividade.id for atividade in ATIVIDADES.values()}


class _Leitor(Importador):
    """What both files share: the establishment, the competência, money, and refusals with their line and column."""

    singular, plural = "valor", "valores"
    url_nova, url_lista = "guias:importar", "guias:receitas"

    def __init__(self, usuario: Usuario, parametros: dict[str, Any]) -> None:
        super().__init__(usuario, parametros)
        self.recusas: list[Recusa] = []
        self.avisos: list[str] = []
        self.linhas = 0
        self._rotulos = {coluna.nome: coluna.rotulo for coluna in self.colunas}
        self._hoje = timezone.localdate()

    def ler(self, conteudo: bytes, progresso: Progresso) -> None:
        planilha = ler(conteudo, self.colunas)
        if planilha.erros:
            raise ArquivoRecusado(" ".join(problema.mensagem for problema in planilha.erros))
        self.avisos = [problema.mensagem for problema in planilha.avisos]
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
        visiveis = Empresa.objects.visiveis(self.usuario).filter(ativa=True)
        self._empresas = {empresa.documento: empresa for empresa in visiveis.defer("busca")}
        self._simples: dict[date, set[int]] = {}

    def _linha(self, linha: Linha) -> None:
        raise NotImplementedError

    def recusar(self, linha: int, coluna: str, valor: str, motivo: str) -> None:
        self.recusas.append(Recusa(linha, self._rotulos[coluna], valor[:200], motivo))

    def _quem_e_quando(self, linha: Linha) -> tuple[Empresa, date] | None:
        texto, mes = linha.valores["cnpj"], linha.valores["competencia"]
        doc, competencia = documento(texto), parse_competencia(mes)
        empresa = None if isinstance(doc, Invalido) else self._empresas.get(doc)
        if isinstance(doc, Invalido):
            self.recusar(linha.numero, "cnpj", texto, doc.mensagem)
        elif empresa is None:
            self.recusar(linha.numero, "cnpj", texto, "Empresa não cadastrada, inativa ou fora das suas carteiras.")
        if isinstance(competencia, Invalido):
            self.recusar(linha.numero, "competencia", mes, competencia.mensagem)
            return None
        if competencia < _PRIMEIRO_MES:
            motivo = f"O Guichê trabalha com meses a partir de {format_competencia(_PRIMEIRO_MES)}. Confira o ano."
            self.recusar(linha.numero, "competencia", mes, motivo)
            return None
        if competencia > self._hoje:
            self.recusar(linha.numero, "competencia", mes, "A competência ainda não começou. Confira o mês e o ano.")
            return None
        return None if empresa is None else (empresa, competencia)

    def _do_simples(self, empresa: Empresa, competencia: date) -> bool:
        if competencia not in self._simples:
            self._simples[competencia] = set(do_simples(self.usuario, competencia).values_list("pk", flat=True))
        return (empresa.matriz_id or empresa.pk) in self._simples[competencia]

    def _dinheiro(self, linha: Linha, coluna: str) -> Decimal | None:
        texto = linha.valores.get(coluna, "")
        if not texto:
            return None
        valor = parse_dinheiro(texto)
        if isinstance(valor, Invalido):
            self.recusar(linha.numero, coluna, texto, valor.mensagem)
            return None
        return valor

    def _sim_nao(self, linha: Linha, coluna: str) -> bool | None:
        texto = linha.valores.get(coluna, "")
        if not texto:
            return None
        valor = parse_sim_nao(texto)
        if isinstance(valor, Invalido):
            self.recusar(linha.numero, coluna, texto, valor.mensagem)
            return None
        return valor

    def _conferencia(self, classes: Mapping[int, str], alteracoes: list[Alteracao]) -> Conferencia:
        """`classes`: line to n (new), c (changed) or i (equal)."""
        ruins = {recusa.linha for recusa in self.recusas}
        valem = {linha: classe for linha, classe in classes.items() if linha not in ruins}
        assinatura = hashlib.sha256(",".join(f"{classe}{linha}" for linha, classe in sorted(valem.items())).encode())
        contagem = Counter(valem.values())
        return Conferencia(
            linhas=self.linhas,
            novas=contagem["n"],
            alteradas=contagem["c"],
            iguais=contagem["i"],
            recusas=self.recusas,
            assinatura=assinatura.hexdigest(),
            alteracoes=alteracoes,
            avisos=self.avisos,
        )


@dataclass
class _Lida:
    """One good line of the receitas file."""

    linha: int
    empresa: Empresa
    competencia: date
    coluna: Coluna | None
    valor: Decimal | None
    folha: Decimal | None
    sem_movimento: bool | None

    def da_matriz(self) -> list[tuple[str, Decimal | bool]]:
        """What the line says of the whole company: (column, value)."""
        ditos = (("folha", self.folha), ("sem_movimento", self.sem_movimento))
        return [(nome, dito) for nome, dito in ditos if dito is not None]


class ImportadorDeReceitas(_Leitor):
    """Revenue by establishment, competência and activity. Activities that are not in the file stay as they are; a value
    of zero takes the activity out. Payroll and "sem movimento" are of the matriz."""

    tipo, titulo = "receitas", "Receitas da competência"
    colunas = COLUNAS_RECEITAS

    def _preparar(self) -> None:
        super()._preparar()
        self._municipios = Municipios()
        self._lidas: list[_Lida] = []
        self._vistas: dict[tuple[int, date, Coluna], int] = {}
        self._da_matriz: dict[tuple[int, date, str], tuple[int, Decimal | bool]] = {}

    def _linha(self, linha: Linha) -> None:
        quem = self._quem_e_quando(linha)
        antes = len(self.recusas)
        coluna = self._coluna(linha)
        valor, folha = self._dinheiro(linha, "valor"), self._dinheiro(linha, "folha")
        parada = self._sim_nao(linha, "sem_movimento")
        if quem is None or len(self.recusas) > antes:
            return
        empresa, competencia = quem
        if problema := self._impedimento(linha, empresa, competencia, coluna, valor, folha, parada):
            self.recusar(linha.numero, *problema)
            return
        lida = _Lida(linha.numero, empresa, competencia, coluna, valor, folha, parada)
        if problema := self._contradicao(linha, lida):
            self.recusar(linha.numero, *problema)
            return
        if coluna is not None:
            self._vistas[empresa.pk, competencia, coluna] = linha.numero
        for nome, dito in lida.da_matriz():
            self._da_matriz.setdefault((empresa.pk, competencia, nome), (linha.numero, dito))
        self._lidas.append(lida)

    def _contradicao(self, linha: Linha, lida: _Lida) -> tuple[str, str, str] | None:
        """(column, value, reason) of what a line before this one already said, of the activity or of the matriz."""
        if lida.coluna is not None and (
            primeira := self._vistas.get((lida.empresa.pk, lida.competencia, lida.coluna), 0)
        ):
            motivo = f"Repetida: já está na linha {primeira}. Some os valores em uma só."
            return "atividade", linha.valores.get("atividade", ""), motivo
        for nome, dito in lida.da_matriz():
            primeira, antes = self._da_matriz.get((lida.empresa.pk, lida.competencia, nome), (0, dito))
            if antes != dito:
                motivo = f"Diferente do que a linha {primeira} diz da mesma empresa e competência. Deixe um valor só."
                return nome, linha.valores[nome], motivo
        return None

    def _coluna(self, linha: Linha) -> Coluna | None:
        texto = linha.valores.get("atividade", "")
        if not texto:
            return None
        numero = int(texto) if texto.isascii() and texto.isdecimal() else _POR_NOME.get(normalizar(texto))
        if numero not in ATIVIDADES:
            motivo = (
                "Atividade desconhecida. Use o número de 1 a 43 do PGDAS-D; veja a lista em Atividades do PGDAS-D e "
                "seus números, na página de importar receitas."
            )
            self.recusar(linha.numero, "atividade", texto, motivo)
            return None
        tratamento = self._tratamento(linha, numero)
        municipio = self._municipio(linha, numero)
        return (
            None
            if isinstance(tratamento, Invalido) or isinstance(municipio, Invalido)
            else Coluna(numero, tratamento, municipio)
        )

    def _tratamento(self, linha: Linha, atividade: int) -> str | Invalido:
        texto = linha.valores.get("tratamento", "")
        valor = _TRATAMENTOS.get(normalizar(texto), "") if texto else ""
        if atividade in COM_TRATAMENTO and not valor:
            problema = f"{_dita(atividade)} pede o tratamento: ST, Monofásica ou ST e monofásica."
        elif texto and atividade not in COM_TRATAMENTO:
            problema = f"{_dita(atividade)} não tem tratamento. Deixe a célula em branco."
        else:
            return valor
        self.recusar(linha.numero, "tratamento", texto, problema)
        return Invalido(Motivo.FORMATO, problema)

    def _municipio(self, linha: Linha, atividade: int) -> str | Invalido:
        texto = linha.valores.get("municipio", "")
        if atividade not in COM_OUTRO_MUNICIPIO:
            return ""  # files carry the município of every line; only these activities are taxed elsewhere
        if not texto:
            achado: str | Invalido = Invalido(Motivo.TAMANHO, f"{_dita(atividade)} pede o município do ISS.")
        else:
            achado = self._municipios.achar(texto, linha.valores.get("uf", ""))
        if isinstance(achado, Invalido):
            self.recusar(linha.numero, "municipio", texto, achado.mensagem)
        return achado

    def _impedimento(
        self,
        linha: Linha,
        empresa: Empresa,
        competencia: date,
        coluna: Coluna | None,
        valor: Decimal | None,
        folha: Decimal | None,
        parada: bool | None,
    ) -> tuple[str, str, str] | None:
        """(column, value, reason) of what is wrong with the line as a whole."""
        if not self._do_simples(empresa, competencia):
            motivo = f"A empresa não está no Simples Nacional em {format_competencia(competencia)}. Confira o regime."
            return "cnpj", linha.valores["cnpj"], motivo
        if (coluna is None) != (valor is None):
            falta = "atividade" if coluna is None else "valor"
            return falta, "", "Atividade e valor vão juntos. Preencha os dois."
        if coluna is None and folha is None and parada is None:
            return "valor", "", "Linha sem receita, folha nem sem movimento. Preencha ou apague a linha."
        if empresa.matriz_id and (folha is not None or parada is not None):
            return "cnpj", linha.valores["cnpj"], "Folha e sem movimento são da matriz. Informe na linha da matriz."
        return None

    def conferir(self) -> Conferencia:
        self._por_mes: dict[date, list[Digitado]] = {}
        classes: dict[int, str] = {}
        alteracoes: list[Alteracao] = []
        por_mes: dict[date, list[_Lida]] = defaultdict(list)
        for lida in self._lidas:
            por_mes[lida.competencia].append(lida)
        for competencia, lidas in sorted(por_mes.items()):
            self._conferir_mes(competencia, lidas, classes, alteracoes)
        return replace(self._conferencia(classes, alteracoes), pendencias=self._pendencias())

    def _pendencias(self) -> list[Pendencia]:
        """How many of the file stay without our computation, for want of the months before."""
        no_arquivo: dict[int, set[date]] = defaultdict(set)
        com_receita: dict[date, set[int]] = {}
        for competencia, digitados in self._por_mes.items():
            for digitado in digitados:
                matriz = digitado.empresa.matriz_id or digitado.empresa.pk
                if digitado.valores or digitado.sem_movimento:
                    no_arquivo[matriz].add(competencia)
                if any(digitado.valores.values()):
                    com_receita.setdefault(competencia, set()).add(matriz)
        incompletas: set[int] = set()
        for competencia, matrizes in com_receita.items():
            for lote in batched(sorted(matrizes), _LOTE):
                lidos = carregar(Empresa.objects.filter(pk__in=lote), competencia)
                incompletas |= {pk for pk, fatos in lidos.items() if _faltam_meses(fatos, no_arquivo[pk])}
        if not incompletas:
            return []
        quantas = contar(len(incompletas), "empresa fica sem cálculo", "empresas ficam sem cálculo")
        texto = f"{quantas}: falta a receita dos meses anteriores, que dá a alíquota. Simular pela Receita é possível."
        return [Pendencia(texto, "Importar histórico de receitas", f"{reverse('guias:importar')}?tipo=historico")]

    def _conferir_mes(
        self, competencia: date, lidas: list[_Lida], classes: dict[int, str], alteracoes: list[Alteracao]
    ) -> None:
        digitados: dict[int, Digitado] = {}
        linhas_de: dict[int, list[int]] = defaultdict(list)
        for lida in lidas:
            digitado = digitados.setdefault(lida.empresa.pk, Digitado(lida.empresa))
            if lida.coluna is not None and lida.valor is not None:
                digitado.valores[lida.coluna] = lida.valor
            if lida.folha is not None:
                digitado.folha = lida.folha
            if lida.sem_movimento is not None:
                digitado.sem_movimento = lida.sem_movimento
            linhas_de[lida.empresa.pk].append(lida.linha)
        atuais = estados([digitado.empresa for digitado in digitados.values()], competencia)
        impedidas = {pk: atual.trava for pk, atual in atuais.items() if atual.trava}
        pares = [(digitado, atuais[pk]) for pk, digitado in digitados.items()]
        impedidas |= {item.empresa_id: item.mensagem for item in conferir_movimento(pares, competencia)}
        for lida in lidas:
            classes[lida.linha] = _classe(lida, atuais[lida.empresa.pk], alteracoes)
        for pk, motivo in impedidas.items():
            if any(classes[linha] != "i" for linha in linhas_de[pk]):
                for linha in linhas_de[pk]:
                    self.recusar(linha, "cnpj", mascarar(digitados[pk].empresa.documento), motivo)
        self._por_mes[competencia] = [digitado for pk, digitado in digitados.items() if pk not in impedidas]

    def gravar(self) -> dict[str, Any]:
        mudadas = 0
        travar({d.empresa.matriz_id or d.empresa.pk for digitados in self._por_mes.values() for d in digitados})
        for competencia, digitados in self._por_mes.items():
            quantas, impedimentos = gravar(digitados, competencia, self.usuario, origem="CSV")
            if impedimentos:
                raise ArquivoRecusado(impedimentos[0].mensagem)
            mudadas += quantas
        return {"estabelecimentos": mudadas}


def _faltam_meses(fatos: Fatos, no_arquivo: set[date]) -> bool:
    if fatos.inicio is not None and fatos.inicio > fatos.competencia:
        return False  # the date of opening is what is wrong
    anteriores = {mes: ReceitaMes() for mes in no_arquivo} | fatos.anteriores
    return isinstance(apurar_rbt12(fatos.competencia, fatos.inicio, anteriores, ReceitaMes()), Impossivel)


def _classe(lida: _Lida, atual: Estado, alteracoes: list[Alteracao]) -> str:
    pares: list[tuple[str, Decimal | bool | None, Decimal | bool | None]] = []
    if lida.coluna is not None:
        pares.append((lida.coluna.rotulo, atual.valores.get(lida.coluna), lida.valor or None))
    if lida.folha is not None:
        pares.append(("folha", atual.folha, lida.folha))
    if lida.sem_movimento is not None:
        pares.append(("sem movimento", atual.sem_movimento, lida.sem_movimento))
    mudam = [(nome, antes, depois) for nome, antes, depois in pares if antes != depois]
    if not mudam:
        return "i"
    anteriores = [(nome, antes, depois) for nome, antes, depois in mudam if antes is not None and antes is not False]
    if len(alteracoes) < AMOSTRA:
        alteracoes += [
            Alteracao(lida.linha, str(lida.empresa), nome, _dito(antes), _dito(depois))
            for nome, antes, depois in anteriores
        ]
    return "c" if anteriores else "n"


def _dito(valor: Decimal | bool | None) -> str:
    if valor is None:
        return ""
    return ("sim" if valor else "não") if isinstance(valor, bool) else format_numero(valor, 2)


@dataclass
class _MesLido:
    linha: int
    empresa: Empresa
    competencia: date
    interno: Decimal | None
    externo: Decimal | None
    folha: Decimal | None
    declarada: bool | None


class ImportadorDeHistorico(_Leitor):
    """Revenue and payroll of past months of the whole company. Blank cells leave what is stored."""

    tipo, titulo = "historico", "Histórico de receitas e folha"
    singular, plural = "mês", "meses"
    colunas = COLUNAS_HISTORICO

    def _preparar(self) -> None:
        super()._preparar()
        self._lidos: list[_MesLido] = []
        self._vistos: dict[tuple[int, date], int] = {}

    def _linha(self, linha: Linha) -> None:
        quem = self._quem_e_quando(linha)
        antes = len(self.recusas)
        interno, externo = self._dinheiro(linha, "interno"), self._dinheiro(linha, "externo")
        folha, declarada = self._dinheiro(linha, "folha"), self._sim_nao(linha, "declarada")
        if quem is None or len(self.recusas) > antes:
            return
        empresa, competencia = quem
        if empresa.matriz_id:
            self.recusar(
                linha.numero,
                "cnpj",
                linha.valores["cnpj"],
                "O histórico é da empresa inteira. Informe o CNPJ da matriz.",
            )
            return
        if interno is None and externo is None and folha is None and declarada is None:
            self.recusar(
                linha.numero, "interno", "", "Linha sem receita, folha nem declaração. Preencha ou apague a linha."
            )
            return
        primeira = self._vistos.setdefault((empresa.pk, competencia), linha.numero)
        if primeira != linha.numero:
            self.recusar(
                linha.numero,
                "competencia",
                linha.valores["competencia"],
                f"Repetida: já está na linha {primeira}. Deixe só uma.",
            )
            return
        self._lidos.append(_MesLido(linha.numero, empresa, competencia, interno, externo, folha, declarada))

    def conferir(self) -> Conferencia:
        atuais = self._atuais()
        classes: dict[int, str] = {}
        alteracoes: list[Alteracao] = []
        self._gravar: list[_MesLido] = []
        for lido in self._lidos:
            atual = atuais.get((lido.empresa.pk, lido.competencia))
            novo = _mesclar(lido, atual)
            if atual is None:
                classes[lido.linha] = "n"
            else:
                mudam = [campo for campo in _CAMPOS if getattr(atual, campo) != getattr(novo, campo)]
                classes[lido.linha] = "c" if mudam else "i"
                if len(alteracoes) < AMOSTRA:
                    quem = f"{lido.empresa} {format_competencia(lido.competencia)}"
                    alteracoes += [
                        Alteracao(
                            lido.linha,
                            quem,
                            self._rotulos[campo],
                            _dito(getattr(atual, campo)),
                            _dito(getattr(novo, campo)),
                        )
                        for campo in mudam
                    ]
            if classes[lido.linha] != "i":
                self._gravar.append(lido)
        return self._conferencia(classes, alteracoes)

    def _atuais(self) -> dict[tuple[int, date], HistoricoMensal]:
        meses = {lido.competencia for lido in self._lidos}
        guardados: Iterable[HistoricoMensal] = HistoricoMensal.objects.filter(
            empresa__in={lido.empresa.pk for lido in self._lidos}, competencia__in=meses
        )
        return {(mes.empresa_id, mes.competencia): mes for mes in guardados}

    def gravar(self) -> dict[str, Any]:
        travar({lido.empresa.pk for lido in self._gravar})
        # Read again under the lock: what somebody wrote meanwhile stays wherever the file is blank.
        atuais = self._atuais()
        HistoricoMensal.objects.bulk_create(
            [_mesclar(lido, atuais.get((lido.empresa.pk, lido.competencia))) for lido in self._gravar],
            batch_size=2000,
            update_conflicts=True,
            unique_fields=["empresa", "competencia"],
            update_fields=list(_CAMPOS),
        )
        if self._gravar:
            empresas = {lido.empresa.pk: lido.empresa for lido in self._gravar}
            meses = [lido.competencia for lido in self._gravar]
            recalcular_seguintes(empresas.values(), min(meses), somar_meses(max(meses), MESES_LIDOS))
        return {"meses": len(self._gravar)}


_CAMPOS = ("interno", "externo", "folha", "declarada")


def _mesclar(lido: _MesLido, atual: HistoricoMensal | None) -> HistoricoMensal:
    """The row to store. One market told and the other not stands for zero in the other."""
    novo = HistoricoMensal(
        empresa=lido.empresa,
        competencia=lido.competencia,
        interno=atual.interno if atual else None,
        externo=atual.externo if atual else Decimal(0),
        folha=atual.folha if atual else None,
        declarada=atual.declarada if atual else False,
    )
    if lido.interno is not None or lido.externo is not None:
        novo.interno = lido.interno if lido.interno is not None else novo.interno or Decimal(0)
        novo.externo = lido.externo if lido.externo is not None else novo.externo
    if lido.folha is not None:
        novo.folha = lido.folha
    if lido.declarada is not None:
        novo.declarada = lido.declarada
    return novo
