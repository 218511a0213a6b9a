"""CSV of past months: revenue and payroll of the whole company."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from comum.formatos import format_competencia
from comum.planilhas import Coluna as ColunaCsv
from comum.planilhas import Linha
from empresas.importacao.base import AMOSTRA, Alteracao, Conferencia
from empresas.models import Empresa
from guias.importacao.base import COMPETENCIA, DOCUMENTO, Leitor, dito
from guias.models import HistoricoMensal
from guias.services.calculo import recalcular_seguintes, travar
from guias.services.fatos import ultimo_que_olha

COLUNAS_HISTORICO = (
    DOCUMENTO,
    COMPETENCIA,
    ColunaCsv("interno", "receita interna", False, ("receita mercado interno", "interna", "receita")),
    ColunaCsv("externo", "receita externa", False, ("receita mercado externo", "externa", "exportação")),
    ColunaCsv("folha", "folha", False, ("folha de salários",)),
    ColunaCsv("declarada", "já declarada", False, ("declarada", "declarado")),
)


@dataclass
class _MesLido:
    linha: int
    empresa: Empresa
    competencia: date
    interno: Decimal | None
    externo: Decimal | None
    folha: Decimal | None
    declarada: bool | None


class ImportadorDeHistorico(Leitor):
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
                            self.rotulos[campo],
                            dito(getattr(atual, campo)),
                            dito(getattr(novo, campo)),
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
            recalcular_seguintes(empresas.values(), min(meses), ultimo_que_olha(max(meses)), self.usuario)
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
