"""MIT 314 to 317: a month is sent, followed by its protocol, and listed with what kept it from closing."""

import base64
import uuid
from datetime import timedelta
from typing import Any

from sandbox.integra_contador.envelope import Pedido, Resultado
from sandbox.integra_contador.mit import registros
from sandbox.integra_contador.mit.entrada import ler, objeto
from sandbox.integra_contador.mit.recusas import recusa
from sandbox.integra_contador.models import Mit
from sandbox.integra_contador.simulado import Simulado, tem_efeito
from sandbox.nucleo.ajustes import BRASILIA, Ajustes
from sandbox.nucleo.livro import gravacao, proximo, registrar

_SUCESSO = ("[Sucesso-MIT]", "Requisição efetuada com sucesso.")
_ENVIADA = ("[Sucesso-MIT-MSG_0024]", "Apuração enviada para encerramento. Acompanhe pelo protocolo.")
_TEXTOS = {1: "EM EDIÇÃO COM PENDÊNCIAS", 2: "EM EDIÇÃO", 3: "ENCERRADA", 4: "EM ENCERRAMENTO"}
_DEMORA = timedelta(seconds=3)


def encerrar(pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
    enviado = ler(pedido.dados, ajustes.hoje())
    agora, cnpj = ajustes.agora(), pedido.contribuinte.numero
    registros.assentar(cnpj, agora)
    with gravacao():
        do_mes = Mit.objects.filter(contribuinte=cnpj, pa=enviado.pa).order_by("-pk").first()
        if do_mes is not None and registros.situacao(do_mes, agora) == registros.ENCERRANDO:
            raise recusa(36, "Existe uma apuração em encerramento do mesmo CNPJ e PA. Aguarde a conclusão.")
        apuracao = Mit(
            contribuinte=cnpj,
            pa=enviado.pa,
            protocolo=base64.b64encode(uuid.uuid4().bytes).decode(),
            enviada=agora,
            pronta=agora + _DEMORA,
            debitos=enviado.debitos,
            total=enviado.total,
            pendencias=enviado.pendencias,
            com_evento=enviado.com_evento,
        )
        apuracao.save()
        registrar(
            instante=agora,
            servico="integra_contador",
            tipo="mit_enviada",
            contribuinte=cnpj,
            pa=str(enviado.pa),
            sequencia=proximo(f"mit {cnpj} {enviado.pa}"),
            valor=enviado.total,  # no number: who lost the protocol is told another one, by the list
            tag=tag,
        )
    return Resultado({"protocoloEncerramento": apuracao.protocolo, "idApuracao": apuracao.pk}, [_SUCESSO, _ENVIADA])


def situacao(pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
    protocolo = objeto(pedido.dados).get("protocoloEncerramento")
    registros.assentar(pedido.contribuinte.numero, ajustes.agora())
    apuracao = Mit.objects.filter(contribuinte=pedido.contribuinte.numero, protocolo=str(protocolo)).first()
    if apuracao is None:
        raise recusa(3, "O campo protocoloEncerramento possui valor inválido ou nulo.")
    como = registros.situacao(apuracao, ajustes.agora())
    avisos = [f"{p['codigo']}: {p['descricao']}" for p in apuracao.pendencias]
    saida = {
        "idApuracao": apuracao.pk,
        **_situacao(como),
        "avisosDctf": avisos if como == registros.COM_PENDENCIAS and avisos else None,
        "dataEncerramento": _dia(apuracao) if como == registros.ENCERRADA else None,
    }
    return Resultado(saida, [_SUCESSO])


def consultar(pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
    numero = objeto(pedido.dados).get("idApuracao")
    registros.assentar(pedido.contribuinte.numero, ajustes.agora())
    if not isinstance(numero, int):
        raise recusa(3, "O campo idApuracao possui valor inválido ou nulo.")
    apuracao = Mit.objects.filter(contribuinte=pedido.contribuinte.numero, pk=numero).first()
    if apuracao is None:
        raise recusa(23, f"Não existe apuração com o número informado: {numero}")
    fechada = registros.situacao(apuracao, ajustes.agora())
    mes = {"MesApuracao": apuracao.pa % 100, "AnoApuracao": apuracao.pa // 100}
    saida = {
        **_situacao(fechada),
        "dadosApuracaoMit": {"PeriodoApuracao": mes},
        "pendencias": apuracao.pendencias if fechada == registros.COM_PENDENCIAS else [],
    }
    return Resultado(saida, [_SUCESSO])


def listar(pedido: Pedido, ajustes: Ajustes, tag: str) -> Resultado:
    dados = objeto(pedido.dados)
    if estranho := sorted(set(dados) - {"anoApuracao", "mesApuracao", "situacaoApuracao"}):
        raise recusa(2, f"O Json contém dados inválidos - {estranho[0]}")
    ano, mes, so = (dados.get(nome) for nome in ("anoApuracao", "mesApuracao", "situacaoApuracao"))
    if not isinstance(ano, int) or not (mes is None or (isinstance(mes, int) and 1 <= mes <= 12)):
        raise recusa(3, "O campo anoApuracao ou mesApuracao possui valor inválido ou nulo.")
    agora = ajustes.agora()
    registros.assentar(pedido.contribuinte.numero, agora)
    faixa = (ano * 100 + mes, ano * 100 + mes) if mes else (ano * 100 + 1, ano * 100 + 12)
    achadas = Mit.objects.filter(contribuinte=pedido.contribuinte.numero, pa__range=faixa).order_by("pa", "pk")
    ditas = [_dita(apuracao, registros.situacao(apuracao, agora)) for apuracao in achadas]
    ditas = [dita for dita in ditas if so is None or dita["situacao"] == so]
    if not ditas:
        raise recusa(25, "Nenhuma apuração encontrada.", tipo="Aviso", http=404)
    return Resultado({"Apuracoes": ditas}, [_SUCESSO])


def _situacao(situacao: int) -> dict[str, Any]:
    return {"situacaoApuracao": situacao, "textoSituacao": _TEXTOS[situacao]}


def _dia(apuracao: Mit) -> str:
    return f"{apuracao.pronta.astimezone(BRASILIA):%Y%m%d}"


def _dita(apuracao: Mit, situacao: int) -> dict[str, Any]:
    fechada = situacao == registros.ENCERRADA
    return {
        "periodoApuracao": str(apuracao.pa),
        "idApuracao": apuracao.pk,
        "situacao": situacao,
        "dataEncerramento": _dia(apuracao) if fechada else None,
        "eventoEspecial": apuracao.com_evento,
        "valorTotalApurado": apuracao.total,
    }


SERVICOS = {
    "ENCAPURACAO314": Simulado(encerrar, tem_efeito),
    "SITUACAOENC315": Simulado(situacao),
    "CONSAPURACAO316": Simulado(consultar),
    "LISTAAPURACOES317": Simulado(listar),
}
