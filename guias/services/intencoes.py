"""From a company of the pré-voo to the Operacao that would be submitted for it, or why it stays out."""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache

from comum.formatos import format_competencia, format_data, format_dinheiro
from credentials.models import Vinculo
from empresas.models import Empresa
from guias.models import TIPOS_DA_APURACAO, Apuracao, Caminho
from guias.providers.interface import Partes
from guias.services.acesso import Acessos, Codigo, Contexto, ContextoDeMeses, Fora, chave_da_tentativa, partes_de
from guias.services.aprovacao import VENCIDA, difere
from guias.services.das import a_pagar, chave_do_das, ha_das, nova_operacao_das
from guias.services.fatos import Fatos
from guias.services.montagem import declaracao, vencida
from guias.services.pedidos import Pedido, declaracao_para_json, partes_para_json
from operacoes.models import ABERTAS, Situacao
from operacoes.motor import NovaOperacao


@dataclass(frozen=True)
class Item:
    """One empresa of a pré-voo that can be asked about. `via_nova`: another copy is wanted of a guia already drawn;
    `caminho`: how the values of a transmission are proved; `parametros`: what else the screen of the action said."""

    empresa: Empresa
    contexto: Acessos
    vinculo: Vinculo
    das_em_seguida: bool = False
    via_nova: bool = False
    caminho: str = Caminho.ECONOMICO
    parametros: Mapping[str, str] = field(default_factory=dict)

    @property
    def do_mes(self) -> Contexto:
        """The receitas, apuração and DAS, for the actions whose Definicao reads them."""
        if not isinstance(self.contexto, Contexto):
            raise TypeError("this action does not read the month's facts")
        return self.contexto

    @property
    def fatos(self) -> Fatos:
        return self.do_mes.fatos[self.empresa.pk]

    @property
    def mes(self) -> str:
        return format_competencia(self.contexto.competencia)

    def fora(self, codigo: Codigo, motivo: str) -> Fora:
        return Fora(self.empresa, codigo, motivo)

    def em_andamento(self) -> Fora | None:
        for tipo, _, situacao in self.contexto.operacoes[self.empresa.pk]:
            if tipo in TIPOS_DA_APURACAO and situacao in ABERTAS:
                dito = Situacao(situacao).label.lower()
                return self.fora(Codigo.ANDAMENTO, f"Há uma operação em andamento ({dito}). Espere que termine.")
        return None

    def nova(self, tipo: str, chave: str, pedido: Pedido) -> NovaOperacao:
        tentativa = self.contexto.tentativa(self.empresa.pk, chave)
        return NovaOperacao(
            tipo=tipo,
            chave=chave_da_tentativa(chave, tentativa),
            pedido={"partes": partes_para_json(partes_de(self.vinculo, self.empresa)), **pedido},
            acesso=self.vinculo.credencial.acesso,
            empresa_id=self.empresa.pk,
            competencia=self.contexto.competencia,
            prazo=self.contexto.prazo,
            revisao=tentativa,
            anterior_id=self.contexto.por_chave.get(chave_da_tentativa(chave, tentativa - 1)),
        )


def sem_competencia(fatos: Fatos) -> str:
    """Why a month of cash cannot be declared: what was accrued goes along (pt-BR); empty when it can."""
    if fatos.sem_movimento or fatos.por_competencia is not None:
        return ""
    return (
        "Falta a receita por competência do mês: no regime de caixa ela vai ao lado da recebida. Informe nas receitas."
    )


def com_receita(fatos: Fatos) -> Apuracao | Fora:
    """The Apuracao with something to declare."""
    if fatos.informada and fatos.apuracao is not None:
        return Fora(fatos.empresa, Codigo.DADOS, falta) if (falta := sem_competencia(fatos)) else fatos.apuracao
    mes = format_competencia(fatos.competencia)
    motivo = f"Sem receita em {mes}. Informe as receitas ou marque sem movimento."
    return Fora(fatos.empresa, Codigo.SEM_RECEITA, motivo)


def _apuracao_ou_motivo(item: Item) -> Apuracao | Fora:
    """The Apuracao with something to declare, not transmitted and with nothing going on."""
    apuracao = com_receita(item.fatos)
    if isinstance(apuracao, Fora):
        return apuracao
    if apuracao.situacao == Apuracao.Situacao.TRANSMITIDA:
        motivo = f"A declaração {apuracao.id_declaracao} já foi transmitida. Para corrigir, abra uma retificação."
        return item.fora(Codigo.TRANSMITIDA, motivo)
    return item.em_andamento() or apuracao


def simulacao(item: Item) -> NovaOperacao | Fora:
    apuracao = _apuracao_ou_motivo(item)
    if isinstance(apuracao, Fora):
        return apuracao
    if apuracao.total_simulado is not None and not difere(apuracao) and not vencida(item.fatos):
        simulado = format_dinheiro(apuracao.total_simulado)
        return item.fora(Codigo.JA_SIMULADA, f"Já simulada com estas receitas ({simulado}). Confira e aprove.")
    pedido = pedido_da_declaracao(item.fatos, apuracao)
    chave = primeira = _chave_da_simulacao(apuracao, pedido)
    vez = 1
    while item.contexto.feita(item.empresa.pk, chave):  # the Receita may know other months before by now
        vez += 1
        chave = f"{primeira}:{vez}"
    return item.nova("guias.pgdasd.simular", chave, pedido)


def _chave_da_simulacao(apuracao: Apuracao, pedido: Pedido) -> str:
    return f"pgdasd.simular:{apuracao.empresa_id}:{apuracao.competencia:%Y%m}:{_digest(pedido)}"


def nova_simulacao(apuracao: Apuracao, declarada: Pedido, partes: Partes, *, acesso: str, prazo: date) -> NovaOperacao:
    """The simulation of a declaration as it was sent and refused, for the present version of its apuração."""
    pedido: Pedido = {
        "apuracao": apuracao.pk,
        "versao": apuracao.versao,
        "competencia": apuracao.competencia.isoformat(),
        "declaracao": declarada,
    }
    return NovaOperacao(
        tipo="guias.pgdasd.simular",
        chave=_chave_da_simulacao(apuracao, pedido),
        pedido={"partes": partes_para_json(partes), **pedido},
        acesso=acesso,
        empresa_id=apuracao.empresa_id,
        competencia=apuracao.competencia,
        prazo=prazo,
    )


def transmissao(item: Item) -> NovaOperacao | Fora:
    apuracao = _apuracao_ou_motivo(item)
    if isinstance(apuracao, Fora):
        return apuracao
    if item.caminho == Caminho.SIMULAR and apuracao.total_simulado is None:
        return item.fora(Codigo.NAO_SIMULADA, "O caminho escolhido simula antes de transmitir. Simule e aprove.")
    if apuracao.situacao != Apuracao.Situacao.CONFERIDA:
        return item.fora(Codigo.NAO_CONFERIDA, "Os valores ainda não foram aprovados. Use Conferir e aprove.")
    if vencida(item.fatos):
        return item.fora(Codigo.NAO_CONFERIDA, VENCIDA)
    if antes := item.do_mes.transmissoes_antes.get(item.empresa.pk):
        return item.fora(Codigo.ANDAMENTO, espera_a_anterior(antes))
    pedido = pedido_da_declaracao(item.fatos, apuracao) | {
        "comparar": apuracao.aprovado,
        "conhecidas": [apuracao.id_declaracao] if apuracao.id_declaracao else [],
        "emitir_das": item.das_em_seguida,
        "simular_se_diferir": item.caminho == Caminho.ECONOMICO,
    }
    chave = f"pgdasd.transmitir:{item.empresa.pk}:{apuracao.competencia:%Y%m}:{apuracao.revisao}"
    return item.nova("guias.pgdasd.transmitir", chave, pedido)


def espera_a_anterior(antes: date) -> str:
    """Why a declaration waits for that of a month before (pt-BR): the month goes in it until the Receita has it."""
    mes = format_competencia(antes)
    return f"A declaração de {mes} ainda está sendo transmitida, e muda o que se declara desta. Espere que termine."


def pedido_da_declaracao(fatos: Fatos, apuracao: Apuracao) -> Pedido:
    return {
        "apuracao": apuracao.pk,
        "versao": apuracao.versao,
        "competencia": apuracao.competencia.isoformat(),
        "declaracao": declaracao_para_json(declaracao(fatos, retificadora=apuracao.retificadora)),
    }


def _digest(pedido: Pedido) -> str:
    return hashlib.sha256(json.dumps([pedido["versao"], pedido["declaracao"]], sort_keys=True).encode()).hexdigest()[
        :16
    ]


SEM_FALTA = "O DAS já pago cobre a declaração retificada: nada a pagar a mais."
DAS_EMITIDO = "O DAS já foi emitido. Para outra cópia, peça a 2ª via em Guias."


def das_pago(paga_em: date) -> str:
    return f"O DAS já foi pago em {format_data(paga_em)}. Emiti-lo de novo custaria outra chamada."


def sem_das(total: Decimal) -> str:
    if not total:
        return "Sem valor a pagar: não há DAS a emitir."
    return "DAS abaixo de R$ 10,00: não se emite, o valor soma-se ao mês seguinte."


def emissao(item: Item) -> NovaOperacao | Fora:
    apuracao = item.fatos.apuracao
    if apuracao is None or apuracao.situacao != Apuracao.Situacao.TRANSMITIDA:
        return item.fora(
            Codigo.NAO_TRANSMITIDA, f"A declaração de {item.mes} ainda não foi transmitida. Transmita antes."
        )
    if not ha_das(apuracao.total_declarado or Decimal(0)):
        motivo = sem_das(apuracao.total_declarado or Decimal(0))
        return item.fora(Codigo.ABAIXO_DO_MINIMO if apuracao.total_declarado else Codigo.SEM_VALOR, motivo)
    if not ha_das(falta := a_pagar(apuracao, item.do_mes.pagos[apuracao.pk])):
        motivo = sem_das(falta) if falta else SEM_FALTA
        return item.fora(Codigo.SEM_VALOR, motivo)
    if parada := item.em_andamento():
        return parada
    declarada = (apuracao.pk, apuracao.revisao)
    if paga_em := item.do_mes.pagas.get(declarada):
        return item.fora(Codigo.PAGA, das_pago(paga_em))
    ultima = item.do_mes.vias.get(declarada, 0)
    if ultima and not item.via_nova:
        return item.fora(Codigo.DAS_EMITIDO, DAS_EMITIDO)
    via = ultima + 1
    while item.contexto.feita(item.empresa.pk, chave_do_das(apuracao, via)):
        via += 1  # drawn with the number of another: no guia of its own
    base = nova_operacao_das(
        apuracao,
        partes_de(item.vinculo, item.empresa),
        acesso=item.vinculo.credencial.acesso,
        via=via,
        prazo=item.do_mes.prazo,
        pagamento=pagamento_de(item),
    )
    return item.nova(base.tipo, base.chave, base.pedido)


@lru_cache(maxsize=4)
def meses_de_cada(texto: str) -> Mapping[int, Sequence[date]]:
    """From the text in which a screen carries which months of which empresas: "12:202608,12:202609,15:202608". Each of
    thousands of empresas asks for its own of the same text."""
    lidos: dict[int, set[date]] = defaultdict(set)
    for empresa, ano, mes in re.findall(r"\b(\d{1,18}):(2\d{3})(0[1-9]|1[0-2])\b", texto):
        lidos[int(empresa)].add(date(int(ano), int(mes), 1))
    return {empresa: sorted(meses) for empresa, meses in lidos.items()}


def meses_em_texto(pares: Iterable[tuple[int, date]]) -> str:
    """The opposite of meses_de_cada."""
    return ",".join(f"{empresa}:{mes:%Y%m}" for empresa, mes in sorted(set(pares)))


def emissao_de_varios_meses(item: Item) -> list[NovaOperacao | Fora]:
    """The DAS of each month of the empresa that `parametros["quais"]` names."""
    if not isinstance(item.contexto, ContextoDeMeses):
        raise TypeError("this action reads the facts of several months")
    feitas: list[NovaOperacao | Fora] = []
    for mes in meses_de_cada(item.parametros["quais"]).get(item.empresa.pk, []):
        feita = emissao(replace(item, contexto=item.contexto.do_mes(mes)))
        dito = format_competencia(mes)
        feitas.append(replace(feita, motivo=f"{dito}: {feita.motivo}") if isinstance(feita, Fora) else feita)
    return feitas


def pagamento_de(item: Item) -> date:
    """The day on which a guia is to be paid: what the screen asked for, else the one proposed."""
    pedido = item.parametros.get("pagamento", "")
    return max(date.fromisoformat(pedido), item.contexto.hoje) if pedido else item.contexto.dia_de_pagar


def consulta_de_procuracoes(item: Item) -> NovaOperacao | Fora:
    chave = f"procuracoes.consultar:{item.empresa.pk}:{item.contexto.hoje:%Y%m%d}"
    for tipo, outra, situacao in item.contexto.operacoes[item.empresa.pk]:
        if (
            tipo == "guias.procuracoes.consultar"
            and outra.startswith(chave)
            and situacao not in (Situacao.RECUSADA, Situacao.DESISTIDA)
        ):
            return item.fora(Codigo.JA_CONSULTADA, "As procurações já foram consultadas hoje.")
    return item.nova("guias.procuracoes.consultar", chave, {"credencial": str(item.vinculo.credencial_id)})
