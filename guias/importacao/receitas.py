"""CSV of the receitas of one or more competências, by establishment and activity."""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from itertools import batched
from typing import Any

from django.urls import reverse

from comum.documentos import Invalido, Motivo, mascarar
from comum.formatos import contar, format_competencia, normalizar
from comum.planilhas import Coluna as ColunaCsv
from comum.planilhas import Linha
from empresas.importacao.base import AMOSTRA, Alteracao, ArquivoRecusado, Conferencia, Pendencia
from empresas.models import Empresa
from empresas.municipios import UFS, Municipios
from guias.calculo.ajustes import Ajuste
from guias.calculo.atividades import ATIVIDADES, NOMES_CURTOS
from guias.calculo.rbt12 import ReceitaMes, apurar_rbt12
from guias.calculo.recusa import Recusa as Impossivel
from guias.importacao.ajustes import COLUNAS_DO_AJUSTE, LeitorDeAjustes
from guias.importacao.base import COMPETENCIA, DOCUMENTO, Leitor, dito
from guias.models import COM_OUTRA_UF, COM_OUTRO_MUNICIPIO, COM_TRATAMENTO, OpcaoRegime, Processo, Tratamento
from guias.services.calculo import travar
from guias.services.colunas import Coluna, problema_do_ajuste
from guias.services.fatos import Fatos, carregar
from guias.services.receitas import (
    DA_EMPRESA,
    Digitado,
    Estado,
    conferir_movimento,
    estados,
    gravar,
    problema_da_empresa,
)
from guias.services.regime import impedimentos_de_optar, optar_por


def _dita(atividade: int) -> str:
    return f"A atividade {atividade} ({NOMES_CURTOS[atividade]})"


COLUNAS_RECEITAS = (
    DOCUMENTO,
    COMPETENCIA,
    ColunaCsv("atividade", "atividade", False, ("id atividade", "código da atividade")),
    ColunaCsv("valor", "valor", False, ("receita", "valor da receita")),
    ColunaCsv("tratamento", "tratamento", False, ("tributos já recolhidos",)),
    ColunaCsv("municipio", "município do ISS", False, ("município", "município iss")),
    ColunaCsv("uf", "UF", False, ("estado",)),
    ColunaCsv("uf_icms", "UF do ICMS", False, ("outra UF",)),
    *COLUNAS_DO_AJUSTE,
    ColunaCsv("folha", "folha", False, ("folha de salários",)),
    ColunaCsv("caixa", "regime de caixa", False, ("caixa",)),
    ColunaCsv("interno", "receita por competência interna", False, ("competência interna",)),
    ColunaCsv("externo", "receita por competência externa", False, ("competência externa",)),
    ColunaCsv("fixo_icms", "ICMS fixo", False, ("valor fixo de icms",)),
    ColunaCsv("fixo_iss", "ISS fixo", False, ("valor fixo de iss",)),
    ColunaCsv("sem_movimento", "sem movimento", False, ("parada",)),
)

_TRATAMENTOS = {
    **{normalizar(rotulo): valor for valor, rotulo in Tratamento.choices if valor},
    "st": Tratamento.ST,
    "icms st": Tratamento.ST,
    "monofasica": Tratamento.MONOFASICA,
    "st e monofasica": Tratamento.ST_MONOFASICA,
    "antecipacao": Tratamento.ANTECIPACAO,
    "antecipacao e monofasica": Tratamento.ANT_MONOFASICA,
}
_SIM_NAO = {"sem_movimento": "sem movimento", "caixa": "regime de caixa"}
_LOTE = 500  # companies whose months are read at once
_POR_NOME = {normalizar(atividade.nome): atividade.id for atividade in ATIVIDADES.values()}


@dataclass
class _Lida:
    """One good line of the receitas file."""

    linha: int
    empresa: Empresa
    competencia: date
    coluna: Coluna | None
    valor: Decimal | None
    da_empresa: dict[str, Decimal] = field(default_factory=dict)
    sem_movimento: bool | None = None
    caixa: bool | None = None

    def da_matriz(self) -> list[tuple[str, Decimal | bool]]:
        """What the line says of the whole company: (column, value)."""
        sim_nao = (("sem_movimento", self.sem_movimento), ("caixa", self.caixa))
        return [*self.da_empresa.items(), *((nome, dito) for nome, dito in sim_nao if dito is not None)]

    def quando(self, nome: str) -> date:
        """The regime is of the year, the rest of the competência."""
        return self.competencia.replace(month=1) if nome == "caixa" else self.competencia


class ImportadorDeReceitas(Leitor):
    """Revenue by establishment, competência and activity. Activities that are not in the file stay as they are; a value
    of zero takes the activity out. Payroll, "sem movimento" and the regime of the year are of the matriz."""

    tipo, titulo = "receitas", "Receitas da competência"
    colunas = COLUNAS_RECEITAS

    def _preparar(self) -> None:
        super()._preparar()
        self._municipios = Municipios()
        self._ajustes = LeitorDeAjustes(self.recusar, self._municipios)
        self._processos: dict[int, dict[str, Processo]] = defaultdict(dict)
        for processo in Processo.objects.visiveis(self.usuario):
            self._processos[processo.empresa_id][processo.numero] = processo
        self._lidas: list[_Lida] = []
        self._vistas: dict[tuple[int, date, Coluna], int] = {}
        self._da_matriz: dict[tuple[int, date, str], tuple[int, Decimal | bool]] = {}

    def _linha(self, linha: Linha) -> None:
        quem = self._quem_e_quando(linha)
        antes = len(self.recusas)
        coluna = self._coluna(linha)
        ajuste = self._ajustes.ler(linha)
        valor = self._dinheiro(linha, "valor")
        da_empresa = {nome: lido for nome in DA_EMPRESA if (lido := self._dinheiro(linha, nome)) is not None}
        parada, caixa = self._sim_nao(linha, "sem_movimento"), self._sim_nao(linha, "caixa")
        if quem is None or len(self.recusas) > antes:
            return
        empresa, competencia = quem
        if ajuste is not None:
            if ajuste.processo:
                self._ajustes.do_processo(linha, empresa, ajuste, self._processos[empresa.matriz_id or empresa.pk])
            coluna = self._com_ajuste(linha, coluna, ajuste)
            if len(self.recusas) > antes:
                return
        lida = _Lida(linha.numero, empresa, competencia, coluna, valor, da_empresa, parada, caixa)
        if problema := self._impedimento(linha, lida) or self._contradicao(linha, lida):
            self.recusar(linha.numero, *problema)
            return
        if coluna is not None:
            self._vistas[empresa.pk, competencia, coluna] = linha.numero
        for nome, dita in lida.da_matriz():
            self._da_matriz.setdefault((empresa.pk, lida.quando(nome), nome), (linha.numero, dita))
        self._lidas.append(lida)

    def _com_ajuste(self, linha: Linha, coluna: Coluna | None, ajuste: Ajuste) -> Coluna | None:
        if coluna is None:
            motivo = "O ajuste é da receita de uma atividade. Preencha a atividade e o valor."
            self.recusar(linha.numero, "ajuste", linha.valores["ajuste"], motivo)
            return None
        com = replace(coluna, ajuste=ajuste.chave)
        if motivo := problema_do_ajuste(com):
            self.recusar(linha.numero, "ajuste", linha.valores["ajuste"], motivo)
        return com

    def _contradicao(self, linha: Linha, lida: _Lida) -> tuple[str, str, str] | None:
        """(column, value, reason) of what a line before this one already said, of the activity or of the matriz."""
        if lida.coluna is not None and (
            primeira := self._vistas.get((lida.empresa.pk, lida.competencia, lida.coluna), 0)
        ):
            motivo = f"Repetida: já está na linha {primeira}. Some os valores em uma só."
            return "atividade", linha.valores.get("atividade", ""), motivo
        for nome, valor in lida.da_matriz():
            primeira, antes = self._da_matriz.get((lida.empresa.pk, lida.quando(nome), nome), (0, valor))
            if antes != valor:
                quando = "ano: o regime vale para ele inteiro" if nome == "caixa" else "competência"
                motivo = f"Diferente do que a linha {primeira} diz da mesma empresa e {quando}. Deixe um valor só."
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
        municipio, uf = self._municipio(linha, numero), self._uf_icms(linha, numero)
        if isinstance(tratamento, Invalido) or isinstance(municipio, Invalido) or isinstance(uf, Invalido):
            return None
        return Coluna(numero, tratamento, municipio, uf=uf)

    def _uf_icms(self, linha: Linha, atividade: int) -> str | Invalido:
        texto = linha.valores.get("uf_icms", "")
        uf = texto.strip().upper()
        if not uf:
            return ""
        if atividade not in COM_OUTRA_UF:
            problema = f"{_dita(atividade)} não tem ICMS de outra UF: só transporte e comunicação (34 a 37). Apague."
        elif uf not in UFS:
            problema = "UF desconhecida. Use a sigla, como RJ."
        else:
            return uf
        self.recusar(linha.numero, "uf_icms", texto, problema)
        return Invalido(Motivo.FORMATO, problema)

    def _tratamento(self, linha: Linha, atividade: int) -> str | Invalido:
        texto = linha.valores.get("tratamento", "")
        valor = _TRATAMENTOS.get(normalizar(texto), "") if texto else ""
        if atividade in COM_TRATAMENTO and not valor:
            problema = f"{_dita(atividade)} pede o tratamento: ST, Monofásica, ST e monofásica ou Antecipação."
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

    def _impedimento(self, linha: Linha, lida: _Lida) -> tuple[str, str, str] | None:
        """(column, value, reason) of what is wrong with the line as a whole."""
        if not self._do_simples(lida.empresa, lida.competencia):
            mes = format_competencia(lida.competencia)
            motivo = f"A empresa não está no Simples Nacional em {mes}. Confira o regime."
            return "cnpj", linha.valores["cnpj"], motivo
        if (lida.coluna is None) != (lida.valor is None):
            falta = "atividade" if lida.coluna is None else "valor"
            return falta, "", "Atividade e valor vão juntos. Preencha os dois."
        da_matriz = lida.da_matriz()
        if lida.coluna is None and not da_matriz:
            return "valor", "", "Linha sem receita, folha nem sem movimento. Preencha ou apague a linha."
        if lida.empresa.matriz_id and da_matriz:
            nome = DA_EMPRESA.get(da_matriz[0][0]) or _SIM_NAO[da_matriz[0][0]]
            motivo = f"É da empresa inteira e vai na linha da matriz: {nome}. Informe lá."
            return "cnpj", linha.valores["cnpj"], motivo
        return None

    def conferir(self) -> Conferencia:
        self._por_mes: dict[date, list[Digitado]] = {}
        classes: dict[int, str] = {}
        alteracoes: list[Alteracao] = []
        por_mes: dict[date, list[_Lida]] = defaultdict(list)
        for lida in self._lidas:
            por_mes[lida.competencia].append(lida)
        self._ler_regimes()
        for competencia, lidas in sorted(por_mes.items()):
            self._conferir_mes(competencia, lidas, classes, alteracoes)
        return replace(self._conferencia(classes, alteracoes), pendencias=self._pendencias())

    def _ler_regimes(self) -> None:
        """The regimes that the file asks for, by year, and why some cannot be."""
        self._regimes: dict[int, dict[int, OpcaoRegime.Regime]] = defaultdict(dict)
        for lida in self._lidas:
            if lida.caixa is not None:
                regime = OpcaoRegime.Regime.CAIXA if lida.caixa else OpcaoRegime.Regime.COMPETENCIA
                self._regimes[lida.competencia.year][lida.empresa.pk] = regime
        self._sem_regime = {
            (pk, ano): motivo
            for ano, pedidos in self._regimes.items()
            for pk, motivo in impedimentos_de_optar(pedidos, ano).items()
        }

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
        ano = competencia.year
        digitados: dict[int, Digitado] = {}
        linhas_de: dict[int, list[int]] = defaultdict(list)
        for lida in lidas:
            digitado = digitados.setdefault(lida.empresa.pk, Digitado(lida.empresa))
            if lida.coluna is not None and lida.valor is not None:
                digitado.valores[lida.coluna] = lida.valor
            digitado.da_empresa |= lida.da_empresa
            if lida.sem_movimento is not None:
                digitado.sem_movimento = lida.sem_movimento
            linhas_de[lida.empresa.pk].append(lida.linha)
        atuais = estados([digitado.empresa for digitado in digitados.values()], competencia)
        for lida in lidas:
            classes[lida.linha] = _classe(lida, atuais[lida.empresa.pk], alteracoes)
        impedidas = {pk: atual.trava for pk, atual in atuais.items() if atual.trava}
        impedidas |= {pk: self._sem_regime[pk, ano] for pk in digitados if (pk, ano) in self._sem_regime}
        for pk, digitado in digitados.items():
            dela = digitado.empresa.matriz_id or pk
            novos = {numero for matriz, numero in self._ajustes.processos if matriz == dela}
            pedido = self._regimes.get(ano, {}).get(dela)
            caixa = atuais[pk].caixa if pedido is None else pedido is OpcaoRegime.Regime.CAIXA
            atuais[pk] = replace(atuais[pk], processos=atuais[pk].processos | novos, caixa=caixa)
            if errado := problema_da_empresa(digitado, atuais[pk]):
                impedidas.setdefault(pk, errado[1])
        pares = [(digitado, atuais[pk]) for pk, digitado in digitados.items()]
        impedidas |= {item.empresa_id: item.mensagem for item in conferir_movimento(pares, competencia)}
        for pk, motivo in impedidas.items():
            if any(classes[linha] != "i" for linha in linhas_de[pk]):
                for linha in linhas_de[pk]:
                    self.recusar(linha, "cnpj", mascarar(digitados[pk].empresa.documento), motivo)
        self._por_mes[competencia] = [digitado for pk, digitado in digitados.items() if pk not in impedidas]

    def gravar(self) -> dict[str, Any]:
        mudadas = 0
        todos = [digitado for digitados in self._por_mes.values() for digitado in digitados]
        travar({digitado.empresa.matriz_id or digitado.empresa.pk for digitado in todos})
        citados = {(d.empresa.matriz_id or d.empresa.pk, coluna.processo) for d in todos for coluna in d.valores}
        Processo.objects.bulk_create(
            [processo for chave, (_, processo) in self._ajustes.processos.items() if chave in citados],
            ignore_conflicts=True,
        )
        aceitas = {(d.empresa.pk, mes.year) for mes, digitados in self._por_mes.items() for d in digitados}
        for ano, pedidos in self._regimes.items():
            validos = {pk: regime for pk, regime in pedidos.items() if (pk, ano) in aceitas}
            if negados := optar_por(validos, ano, self.usuario):
                raise ArquivoRecusado(next(iter(negados.values())))
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
    for nome, novo in lida.da_empresa.items():
        pares.append((DA_EMPRESA[nome], atual.da_empresa.get(nome), novo or None if nome.startswith("fixo") else novo))
    if lida.sem_movimento is not None:
        pares.append((_SIM_NAO["sem_movimento"], atual.sem_movimento, lida.sem_movimento))
    if lida.caixa is not None:
        pares.append((_SIM_NAO["caixa"], atual.caixa, lida.caixa))
    mudam = [(nome, antes, depois) for nome, antes, depois in pares if antes != depois]
    if not mudam:
        return "i"
    anteriores = [(nome, antes, depois) for nome, antes, depois in mudam if antes is not None and antes is not False]
    if len(alteracoes) < AMOSTRA:
        alteracoes += [
            Alteracao(lida.linha, str(lida.empresa), nome, dito(antes), dito(depois))
            for nome, antes, depois in anteriores
        ]
    return "c" if anteriores else "n"
