"""Judgement: from what came back of a try to what the row becomes."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from operacoes.errors import AccessDenied, Alcance, OutcomeUnknown, ProviderError, ProviderRefused, ProviderUnavailable
from operacoes.handlers import NaoAconteceu, NaoSei, PrecisaDePessoa
from operacoes.http import Chamadas
from operacoes.models import Classe, Efeito, Operacao, Situacao, Tentativa
from operacoes.motor.desfecho import (
    LIMITE_DUVIDAS,
    LIMITE_FALHAS,
    LIMITE_PERGUNTAS,
    PRIMEIRA_PERGUNTA,
    Desfecho,
    espera_da_pergunta,
    recuo,
)
from operacoes.motor.tomada import Tomada

ENVIO_SEM_RESPOSTA = "Um envio anterior ficou sem resposta"
DE_NOVO = "O documento será pedido de novo (nova cobrança)."
DE_NOVO_SEM_CUSTO = "Será pedido de novo: repetir não tem custo nem outro efeito."
LIMITE_NOSSO = "LIMITE-DE-CHAMADAS"  # the code of our own brake, as against the service's 429


class FalhaAoAplicar(Exception):
    """The service did it and our own recording failed."""


def julgar(tomada: Tomada, erro: Exception, chamadas: Chamadas) -> Desfecho:
    if tomada.operacao.situacao == Situacao.ENVIANDO and chamadas.sem_volta:
        return _duvida(tomada, erro)  # whatever failed afterwards says nothing about the effect
    if isinstance(erro, AccessDenied):
        return _sem_acesso(tomada, erro, chamadas)
    if tomada.operacao.situacao == Situacao.INCERTA:
        return _ainda_em_duvida(tomada, erro, chamadas)
    if tomada.operacao.situacao == Situacao.ACEITA and not isinstance(erro, ProviderRefused):
        return _olhar_depois(tomada, erro, chamadas)
    if isinstance(erro, ProviderRefused):
        return _recusada(tomada, erro)
    if isinstance(erro, ProviderUnavailable):
        return _nao_executada(tomada, erro, chamadas)
    if isinstance(erro, OutcomeUnknown | FalhaAoAplicar):
        return _duvida(tomada, erro)
    return _nao_executada(
        tomada,
        ProviderUnavailable(
            "O Guichê falhou ao preparar este envio. Nada foi enviado; avise quem cuida do sistema.",
            codigo="FALHA-INTERNA",
            texto=f"{type(erro).__name__}: {erro}"[:500],
        ),
        chamadas,
    )


def _so_bloqueio(erro: Exception, chamadas: Chamadas) -> bool:
    """A stated block says nothing about this row. Nor does our own brake, unless calls of this try had left: a try
    whose calls never find their starts in time would otherwise make, and pay, the first ones for ever."""
    if not isinstance(erro, ProviderUnavailable) or not erro.bloqueio:
        return False
    return erro.codigo != LIMITE_NOSSO or not chamadas.registros


def _palavras(erro: Exception) -> tuple[str, str, str]:
    """(our message, provider's code, provider's words or the error's)."""
    if isinstance(erro, ProviderError):
        return erro.mensagem, erro.codigo, erro.texto
    if isinstance(erro, FalhaAoAplicar):
        return (
            "O serviço respondeu, mas a resposta não pôde ser gravada. Será conferida com o serviço.",
            "FALHA-AO-GRAVAR",
            str(erro),
        )
    return (
        "Falha do Guichê durante o envio. Será conferida com o serviço.",
        "FALHA-INTERNA",
        f"{type(erro).__name__}: {erro}"[:500],
    )


def _recusada(tomada: Tomada, erro: ProviderError) -> Desfecho:
    op = tomada.operacao
    desfecho = Tentativa.Desfecho.SEM_ACESSO if isinstance(erro, AccessDenied) else Tentativa.Desfecho.RECUSADA
    return Desfecho(
        Situacao.RECUSADA,
        desfecho,
        codigo=erro.codigo,
        grupo=erro.codigo or "SEM-CODIGO",
        mensagem=erro.mensagem + _o_que_ficou(op, duvidas=op.duvidas),
        palavras=erro.texto,
        duvidas=op.duvidas,
        perguntas=op.perguntas,
    )


def _o_que_ficou(op: Operacao, *, duvidas: int) -> str:
    """A documento that ends refused may have been drawn by an earlier try: nobody asks, so it is said."""
    return f" {envio_sem_resposta(op)}" if op.efeito == Efeito.DOCUMENTO and duvidas else ""


def envio_sem_resposta(op: Operacao) -> str:
    """What an earlier sending of a documento, lost sight of, may have left at the service."""
    if op.classe == Classe.GRATIS:
        return f"{ENVIO_SEM_RESPOSTA}: pode ter valido no serviço."
    return f"{ENVIO_SEM_RESPOSTA}: o documento pode ter sido gerado e cobrado no serviço."


def _sem_acesso(tomada: Tomada, erro: AccessDenied, chamadas: Chamadas) -> Desfecho:
    """EMPRESA: this row alone is refused. CREDENCIAL and SERVICO: the row goes back and waits with all the others."""
    op = tomada.operacao
    if erro.alcance == Alcance.EMPRESA and op.situacao == Situacao.ENVIANDO:
        return _recusada(tomada, erro)
    if erro.alcance == Alcance.EMPRESA and op.situacao == Situacao.INCERTA:
        # What is said of a sending ends in "repeat it", the one thing not to do about a doubt.
        impede = erro.mensagem.replace(" e repita.", ".")
        return _precisa_de_pessoa(tomada, f"Não é possível conferir com o serviço: {impede}", erro)
    if erro.alcance == Alcance.EMPRESA:
        return _olhar_depois(tomada, erro, chamadas)
    return Desfecho(
        Situacao.PENDENTE if op.situacao == Situacao.ENVIANDO else Situacao(op.situacao),
        Tentativa.Desfecho.SEM_ACESSO,
        codigo=erro.codigo,
        mensagem=erro.mensagem,
        palavras=erro.texto,
        falhas=op.falhas,
        duvidas=op.duvidas,
        perguntas=op.perguntas,
    )


def _nao_executada(tomada: Tomada, erro: ProviderUnavailable, chamadas: Chamadas) -> Desfecho:
    op = tomada.operacao
    bloqueio = _so_bloqueio(erro, chamadas)
    falhas = op.falhas + (0 if bloqueio or tomada.sonda else 1)  # nor does the probe of an open circuit
    talvez = tomada.handler.muda and not erro.bloqueio and bool(chamadas.registros)
    comum: dict[str, Any] = {
        "codigo": erro.codigo,
        "palavras": erro.texto,
        "duvidas": op.duvidas + talvez,
        "perguntas": op.perguntas,
    }
    if falhas >= LIMITE_FALHAS:
        return Desfecho(
            Situacao.RECUSADA,
            Tentativa.Desfecho.INDISPONIVEL,
            grupo=erro.codigo or "INDISPONIVEL",
            mensagem=f"{erro.mensagem} Tentada {falhas} vezes sem sucesso. Repita quando o serviço voltar."
            + _o_que_ficou(op, duvidas=op.duvidas + talvez),
            falhas=falhas,
            **comum,
        )
    espera = timedelta(seconds=erro.retry_after or 0) if bloqueio else recuo(falhas)
    if erro.retry_after:
        espera = max(espera, timedelta(seconds=erro.retry_after))
    quando = "" if bloqueio else f" Tentativa {falhas} de {LIMITE_FALHAS}; repete sozinha."
    return Desfecho(
        Situacao.PENDENTE,
        Tentativa.Desfecho.INDISPONIVEL,
        espera=espera,
        mensagem=f"{erro.mensagem}{quando}",
        falhas=falhas,
        **comum,
    )


def _duvida(tomada: Tomada, erro: Exception) -> Desfecho:
    """Sent, and the answer lost. A documento is drawn again (one more charge); anything else is asked about first."""
    op = tomada.operacao
    mensagem, codigo, palavras = _palavras(erro)
    if isinstance(erro, ProviderError) and not isinstance(erro, OutcomeUnknown):
        mensagem = f"O envio já tinha saído quando houve uma falha: {mensagem}"
    duvidas = op.duvidas + 1
    comum: dict[str, Any] = {
        "codigo": codigo,
        "palavras": palavras,
        "duvidas": duvidas,
        "saiu": True,
        "resposta": erro.lembrar if isinstance(erro, OutcomeUnknown) else {},
    }
    if duvidas > LIMITE_DUVIDAS:
        return Desfecho(
            Situacao.AGUARDA_PESSOA,
            Tentativa.Desfecho.INCERTA,
            mensagem=f"{mensagem} Aconteceu {duvidas} vezes seguidas; confira no portal do serviço e diga o que houve.",
            **comum,
        )
    if op.efeito == Efeito.DOCUMENTO:
        return Desfecho(
            Situacao.PENDENTE,
            Tentativa.Desfecho.INCERTA,
            espera=recuo(duvidas),
            mensagem=f"{mensagem} {DE_NOVO_SEM_CUSTO if op.classe == Classe.GRATIS else DE_NOVO}",
            **comum,
        )
    return Desfecho(Situacao.INCERTA, Tentativa.Desfecho.INCERTA, espera=PRIMEIRA_PERGUNTA, mensagem=mensagem, **comum)


def julgar_conferencia(tomada: Tomada, resposta: NaoAconteceu | NaoSei) -> Desfecho:
    op, handler = tomada.operacao, tomada.handler
    perguntas = op.perguntas + 1
    if isinstance(resposta, NaoAconteceu):
        # An effect may land late: the proof counts only when asked after the service's own longest time.
        madura_em = (op.enviada_ate or tomada.agora) + handler.demora_maxima
        if tomada.agora >= madura_em:
            return Desfecho(
                Situacao.PENDENTE,
                Tentativa.Desfecho.NAO_ACONTECEU,
                mensagem="Conferido com o serviço: não aconteceu. Será enviada de novo.",
                detalhe=resposta.motivo,
                duvidas=op.duvidas,
            )
        return Desfecho(
            Situacao.INCERTA,
            Tentativa.Desfecho.NAO_ACONTECEU,
            espera=min(max(madura_em - tomada.agora, timedelta(0)), espera_da_pergunta(perguntas)),
            mensagem="Ainda não consta no serviço; pode chegar atrasada. "
            f"Se não constar até {_minuto_cheio(madura_em)}, será enviada de novo sozinha.",
            detalhe=resposta.motivo,
            codigo=op.codigo,
            palavras=op.palavras_do_servico,
            duvidas=op.duvidas,
            perguntas=min(perguntas, LIMITE_PERGUNTAS),
        )
    motivo = resposta.motivo or "O serviço ainda não permite saber o resultado."
    if resposta.perguntar_em == timedelta.max or perguntas >= LIMITE_PERGUNTAS:
        return _precisa_de_pessoa(tomada, motivo, None)
    return Desfecho(
        Situacao.INCERTA,
        Tentativa.Desfecho.NAO_SEI,
        espera=max(resposta.perguntar_em, timedelta(seconds=5)),
        mensagem=motivo,
        codigo=op.codigo,
        palavras=op.palavras_do_servico,
        duvidas=op.duvidas,
        perguntas=perguntas,
    )


def julgar_espera(tomada: Tomada, resposta: PrecisaDePessoa) -> Desfecho:
    return _precisa_de_pessoa(tomada, resposta.motivo, None)


def _minuto_cheio(instante: datetime) -> str:
    """The office's clock, rounded up."""
    return f"{timezone.localtime(instante + timedelta(seconds=59)):%H:%M}"


def _precisa_de_pessoa(tomada: Tomada, motivo: str, erro: Exception | None) -> Desfecho:
    # Without an error of the question itself, what stays told is how the sending ended.
    op = tomada.operacao
    _, codigo, palavras = _palavras(erro) if erro else ("", op.codigo, op.palavras_do_servico)
    return Desfecho(
        Situacao.AGUARDA_PESSOA,
        Tentativa.Desfecho.NAO_SEI,
        codigo=codigo,
        palavras=palavras,
        mensagem=f"{motivo} Confira no portal do serviço e diga aqui o que houve.",
        duvidas=tomada.operacao.duvidas,
        perguntas=tomada.operacao.perguntas + 1,
    )


def _ainda_em_duvida(tomada: Tomada, erro: Exception, chamadas: Chamadas) -> Desfecho:
    """The question itself failed, or its answer could not be saved: the doubt stands."""
    op = tomada.operacao
    mensagem, codigo, palavras = _palavras(erro)
    if isinstance(erro, ProviderError):  # or it would read as what became of the sending
        mensagem = f"O resultado do envio ainda não é conhecido, e a pergunta sobre ele falhou: {mensagem}"
    elif not isinstance(erro, FalhaAoAplicar):
        mensagem = "Falha do Guichê ao perguntar pelo resultado do envio."
    perguntas = op.perguntas + (0 if _so_bloqueio(erro, chamadas) else 1)
    falhas = op.falhas + (1 if isinstance(erro, FalhaAoAplicar) else 0)
    saiu = bool(chamadas.sem_volta)  # the question was the repeat, which may take effect late
    if perguntas >= LIMITE_PERGUNTAS or falhas >= LIMITE_DUVIDAS:
        return replace(_precisa_de_pessoa(tomada, mensagem, erro), saiu=saiu)
    retry_after = erro.retry_after if isinstance(erro, ProviderUnavailable) else None
    return Desfecho(
        Situacao.INCERTA,
        Tentativa.Desfecho.INDISPONIVEL if isinstance(erro, ProviderUnavailable) else Tentativa.Desfecho.NAO_SEI,
        espera=max(espera_da_pergunta(perguntas), timedelta(seconds=retry_after or 0)),
        codigo=codigo,
        palavras=palavras,
        mensagem=mensagem,
        falhas=falhas,
        duvidas=op.duvidas,
        perguntas=perguntas,
        saiu=saiu,
    )


def _olhar_depois(tomada: Tomada, erro: Exception, chamadas: Chamadas) -> Desfecho:
    """Looking at something accepted failed, or its result could not be saved: it is looked at again later, and after
    about half a day of that by a person."""
    op = tomada.operacao
    mensagem, codigo, palavras = _palavras(erro)
    falhas = op.falhas + (0 if _so_bloqueio(erro, chamadas) else 1)
    if falhas >= (LIMITE_DUVIDAS if isinstance(erro, FalhaAoAplicar) else LIMITE_PERGUNTAS):
        return _precisa_de_pessoa(tomada, mensagem, erro)
    retry_after = erro.retry_after if isinstance(erro, ProviderUnavailable) else None
    return Desfecho(
        Situacao.ACEITA,
        Tentativa.Desfecho.SEM_ACESSO if isinstance(erro, AccessDenied) else Tentativa.Desfecho.INDISPONIVEL,
        espera=max(recuo(falhas), timedelta(seconds=retry_after or 0)),
        codigo=codigo,
        palavras=palavras,
        mensagem=mensagem,
        falhas=falhas,
        duvidas=op.duvidas,
        perguntas=op.perguntas,
    )
