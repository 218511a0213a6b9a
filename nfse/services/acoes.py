"""What people ask of a note that exists: correct, cancel, replace, look again, send by e-mail. Each states its rules
before, and writes the request and its Operacao in one transaction."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from smtplib import SMTPAuthenticationError, SMTPException, SMTPRecipientsRefused, SMTPResponseException

import structlog
from django.core.mail import EmailMessage, MailerDoesNotExist
from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone
from django.utils.text import capfirst

from arquivo.services import ArquivoCorrompido, ArquivoForaDoAr, abrir
from comum.auditoria import registrar
from comum.formatos import format_competencia, format_dinheiro
from comum.models import Usuario
from nfse.models import Cancelamento, CartaCorrecao, EventoNota, Nota, TipoCanal
from nfse.providers import integranotas, sisgenfe
from nfse.providers.nacional import eventos
from nfse.providers.nacional.problemas import MOTIVO_MAXIMO, MOTIVO_MINIMO
from nfse.services import exigencias, registro
from nfse.services.historia import contar
from nfse.services.notas import DadosNota, NotaOcupada, copiar, gravar
from nfse.services.pedidos import Pedido, para_json, referencia_de
from nfse.services.validacao import caracteres_recusados
from operacoes.models import ENCERRADAS, Operacao
from operacoes.motor import NovaOperacao, submeter

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Regras:
    """What a channel allows on its notes, in the words the office reads before confirming."""

    corrige: bool
    substitui: bool
    codigos: dict[str, str]  # reasons to cancel: code -> words
    aviso_correcao: str = ""
    aviso_cancelamento: str = ""
    aviso_substituicao: str = ""
    codigos_substituicao: dict[str, str] = field(default_factory=dict)  # where they are others
    motivo_minimo: int = 1
    motivo_maximo: int = 255


_SEM = Regras(corrige=False, substitui=False, codigos={})
REGRAS: dict[str, Regras] = {
    TipoCanal.SISGENFE: Regras(
        corrige=True,
        substitui=False,
        codigos=sisgenfe.TIPOS_DE_CANCELAMENTO,
        aviso_correcao=(
            "A carta de correção é um texto acrescentado ao fim da nota. A correção não altera valores, prestador nem "
            "tomador, nem nada que mude o imposto. Não há limite de cartas, e nenhuma pode ser apagada."
        ),
        aviso_cancelamento=(
            "É um pedido: a prefeitura decide depois, e o serviço não avisa o resultado. Só se pede uma vez por nota. "
            "O município pode limitar o prazo e o número de cancelamentos por dia. Até a decisão, a nota vale."
        ),
    ),
    TipoCanal.INTEGRANOTAS: Regras(
        corrige=False,
        substitui=True,
        codigos={"1": "Erro na emissão", "2": "Serviço não prestado", "4": "Duplicidade da nota"},
        aviso_cancelamento=(
            "O cancelamento é definitivo. Alguns municípios não cancelam por aqui: a resposta diz, e então cancela-se "
            "na página do município e relê-se a nota."
        ),
        aviso_substituicao=(
            "A nota atual é cancelada e a nova é emitida no lugar dela, numa só chamada. Confira a nova antes: se a "
            "prefeitura recusar a nova, a atual continua valendo."
        ),
        motivo_minimo=integranotas.MOTIVO_MINIMO,
        motivo_maximo=integranotas.MOTIVO_MAXIMO,
    ),
    TipoCanal.NACIONAL: Regras(
        corrige=False,
        substitui=True,
        codigos=eventos.MOTIVOS,
        codigos_substituicao=eventos.MOTIVOS_DA_SUBSTITUICAO,
        aviso_cancelamento=(
            "O cancelamento é definitivo e vale na hora. Cada município tem um prazo, e alguns um valor máximo: depois "
            "deles a NFS-e Nacional recusa, e só resta pedir a análise fiscal ao município."
        ),
        aviso_substituicao=(
            "A nova nota é emitida no lugar da atual, que deixa de valer na mesma chamada. Confira a nova antes: se "
            "for recusada, a atual continua valendo."
        ),
        motivo_minimo=MOTIVO_MINIMO,
        motivo_maximo=MOTIVO_MAXIMO,
    ),
}
AVISO_ANALISE = (
    "A NFS-e Nacional recusou o cancelamento por passar do prazo ou do valor do município. Este é um pedido de análise "
    "fiscal: o município decide depois, e até lá a nota vale."
)
SO_COM_ANALISE = ("E0822", "E0823")
# A national note (version 2) takes other reasons.
CODIGOS_NACIONAIS = {"1": "Erro na emissão", "2": "Serviço não prestado", "9": "Outros"}


class PedidoInvalido(Exception):
    """The request cannot be made as it is: `campo` names the field, the text is pt-BR."""

    def __init__(self, campo: str, mensagem: str) -> None:
        super().__init__(mensagem)
        self.campo = campo


def regras_de(nota: Nota) -> Regras:
    return REGRAS.get(nota.canal.tipo, _SEM) if nota.canal else _SEM


def codigos_de(nota: Nota) -> dict[str, str]:
    """The reasons for which this note can be cancelled or replaced."""
    canal = nota.canal
    if canal is not None and canal.tipo == TipoCanal.INTEGRANOTAS and canal.versao_emissao == 2:
        return CODIGOS_NACIONAIS
    return regras_de(nota).codigos


def codigos_da_substituicao(nota: Nota) -> dict[str, str]:
    return regras_de(nota).codigos_substituicao or codigos_de(nota)


def pede_analise(nota: Nota) -> bool:
    """Whether the national system took no cancellation of this note any more: the next request is one of analysis.
    Looks at its requests and their operações: of many notes the caller reads them along."""
    if nota.canal is None or nota.canal.tipo != TipoCanal.NACIONAL:
        return False
    ultimo = max(nota.cancelamentos.all(), key=lambda um: (um.criado_em, um.pk), default=None)
    if ultimo is None or ultimo.operacao is None:
        return False
    recusado = ultimo.situacao == Cancelamento.Situacao.RECUSADO and ultimo.operacao.codigo in SO_COM_ANALISE
    return recusado or ultimo.operacao.tipo.endswith(".analisar")


def _ocupada(nota: Nota, acao: str) -> str:
    """Looks at its requests and substitutes: of many notes the caller reads them along."""
    if nota.situacao == Nota.Situacao.CANCELANDO:
        return f"A nota {nota.nome} já tem um cancelamento solicitado. Espere a decisão para {acao}."
    if nota.situacao != Nota.Situacao.AUTORIZADA:
        return f"A nota {nota.nome} está “{nota.get_situacao_display()}”: só dá para {acao} uma nota autorizada."
    if any(um.situacao in Cancelamento.ABERTOS for um in nota.cancelamentos.all()):
        return f"O cancelamento da nota {nota.nome} já foi pedido e está em andamento. Espere a decisão."
    if any(outra.situacao == Nota.Situacao.EMITINDO for outra in nota.substitutas.all()):
        return f"A substituta da nota {nota.nome} está em emissão. Espere o resultado para {acao}."
    return ""


def falta_a_chave(nota: Nota) -> bool:
    """Whether the service has the note under a chave that we were never told: a person settled it by its number."""
    do_servico = nota.canal is not None and nota.canal.tipo != TipoCanal.SISGENFE
    return do_servico and not nota.chave and bool(nota.numero_nfse)


def _sem_identidade(nota: Nota, acao: str) -> str:
    """Why its service would not know which note is meant: SISGENF-e names them by number, Integra Notas by chave."""
    if nota.canal is not None and nota.canal.tipo == TipoCanal.SISGENFE and not nota.numero_nfse.isdecimal():
        return f"O SISGENF-e ainda não disse o número da nota {nota.nome}. Use Reler e peça de novo."
    if nota.canal is not None and falta_a_chave(nota):
        return (
            f"A nota {nota.nome} está sem a chave {_canal(nota, 'd')}, que pede a chave para {acao}. Releia a nota: "
            f"ela é procurada pela série e pelo número ({nota.canal.rps}), e a chave é gravada."
        )
    return ""


def por_que_nao_corrigir(nota: Nota) -> str:
    """Why it cannot be corrected now, in pt-BR; empty when it can."""
    if ocupada := _ocupada(nota, "corrigir"):
        return ocupada
    if not regras_de(nota).corrige:
        return f"{capfirst(_canal(nota))} não tem carta de correção. Substitua ou cancele a nota."
    return _sem_identidade(nota, "corrigir")


def por_que_nao_cancelar(nota: Nota, anteriores: Iterable[Cancelamento]) -> str:
    """Why its cancellation cannot be asked for now, in pt-BR; empty when it can. `anteriores` are its earlier ones."""
    situacoes = {um.situacao for um in anteriores}
    if motivo := _ocupada(nota, "cancelar") or _sem_identidade(nota, "cancelar"):
        return motivo
    if not codigos_de(nota):
        return f"{capfirst(_canal(nota))} não cancela notas por aqui. Cancele na página do município e releia a nota."
    if nota.canal is not None and nota.canal.tipo == TipoCanal.SISGENFE and Cancelamento.Situacao.NEGADO in situacoes:
        return (
            f"O cancelamento da nota {nota.nome} já foi pedido e a prefeitura negou: {_canal(nota)} aceita um só "
            "pedido por nota. Trate com a prefeitura."
        )
    return ""


def corrigir(nota: Nota, texto: str, usuario: Usuario) -> CartaCorrecao:
    """Ask for a correction letter. Raises NotaOcupada, PedidoInvalido."""
    texto = texto.strip()
    if not texto:
        raise PedidoInvalido("texto", "Escreva a correção.")
    _conferir_letras("texto", texto)
    with transaction.atomic():
        atual = registro.travada(nota.pk)
        if motivo := por_que_nao_corrigir(atual):
            raise NotaOcupada(motivo)
        ordem = atual.cartas.count() + 1
        carta = CartaCorrecao.objects.create(nota=atual, ordem=ordem, texto=texto, pedida_por=usuario)
        pedido = _pedido(atual) | {"carta": carta.pk, "texto": texto}
        carta.operacao = _submeter(_nova(atual, "corrigir", f"nfse.corrigir:{atual.pk}:{ordem}", pedido), usuario)
        carta.save(update_fields=["operacao"])
    return carta


def cancelar(nota: Nota, codigo: str, motivo: str, usuario: Usuario) -> Cancelamento:
    """Ask for the cancellation. Raises NotaOcupada, PedidoInvalido."""
    motivo = " ".join(motivo.split())
    with transaction.atomic():
        atual = registro.travada(nota.pk)
        anteriores = list(atual.cancelamentos.order_by("criado_em"))
        if motivo_contra := por_que_nao_cancelar(atual, anteriores):
            raise NotaOcupada(motivo_contra)
        conferir_motivo(atual, codigo, motivo)
        verbo = "analisar" if pede_analise(atual) else "cancelar"
        cancelamento = Cancelamento.objects.create(nota=atual, codigo=codigo, motivo=motivo, pedido_por=usuario)
        cancelamento.operacao = _submeter(novo_cancelamento(atual, cancelamento, len(anteriores) + 1, verbo), usuario)
        cancelamento.save(update_fields=["operacao"])
    return cancelamento


def novo_cancelamento(nota: Nota, cancelamento: Cancelamento, vez: int, verbo: str = "cancelar") -> NovaOperacao:
    """The intent of a stored request, the `vez`-th of its note. `verbo` "analisar": see pede_analise()."""
    pedido = _pedido(nota) | {
        "cancelamento": cancelamento.pk,
        "codigo": cancelamento.codigo,
        "motivo": cancelamento.motivo,
    }
    return _nova(nota, verbo, f"nfse.cancelar:{nota.pk}:{vez}", pedido)


def conferir_motivo(nota: Nota, codigo: str, motivo: str, codigos: dict[str, str] | None = None) -> None:
    """Raises PedidoInvalido when the channel would not take this reason, one of `codigos` (None: to cancel)."""
    regras = regras_de(nota)
    if codigo not in (codigos_de(nota) if codigos is None else codigos):
        raise PedidoInvalido("codigo", "Escolha o motivo na lista.")
    _conferir_letras("motivo", motivo)
    if not regras.motivo_minimo <= len(motivo) <= regras.motivo_maximo:
        raise PedidoInvalido(
            "motivo",
            f"A justificativa tem {len(motivo)} caracteres e {_canal(nota)} aceita de {regras.motivo_minimo} a "
            f"{regras.motivo_maximo}.",
        )


def _conferir_letras(campo: str, texto: str) -> None:
    if dito := caracteres_recusados(texto):
        raise PedidoInvalido(campo, dito)


def substituir(nota: Nota, codigo: str, motivo: str, usuario: Usuario) -> Nota:
    """A draft that will replace this note, its copy to be corrected before it is issued. Raises NotaOcupada,
    PedidoInvalido."""
    motivo = " ".join(motivo.split())
    with transaction.atomic():
        atual = registro.travada(nota.pk)
        if ocupada := _ocupada(atual, "substituir"):
            raise NotaOcupada(ocupada)
        if not regras_de(atual).substitui:
            raise NotaOcupada(f"{capfirst(_canal(atual))} não substitui notas. Cancele esta e emita outra.")
        if motivo_contra := _sem_identidade(atual, "substituir"):
            raise NotaOcupada(motivo_contra)
        conferir_motivo(atual, codigo, motivo, codigos_da_substituicao(atual))
        if aberta := atual.substitutas.exclude(situacao__in=Nota.SUBSTITUTAS_MORTAS).first():
            raise NotaOcupada(f"A nota {atual.nome} já tem uma substituta em preparo ({aberta.nome}). Abra-a e emita.")
        dados = DadosNota(
            empresa=atual.empresa,
            tomador=atual.tomador,
            competencia=atual.competencia,
            emissao=timezone.localdate(),
            municipio_prestacao=atual.municipio_prestacao,
            itens=copiar(atual),
            iss_retido=atual.iss_retido,
            observacao=atual.observacao,
            substitui=atual,
            substituicao={"codigo": codigo, "motivo": motivo},
            exigencias=exigencias.da_nota(atual),
        )
        return gravar(dados, usuario)


def responder_cancelamento(
    cancelamento: Cancelamento, *, aprovado: bool, evidencia: str, usuario: Usuario
) -> Cancelamento:
    """A person saw at the town hall how the request ended. Audited. Raises PedidoInvalido, NotaOcupada."""
    evidencia = evidencia.strip()
    if not evidencia:
        raise PedidoInvalido("evidencia", "Diga o que foi visto na página da prefeitura: data, protocolo ou número.")
    with transaction.atomic():
        nota = registro.travada(cancelamento.nota_id)
        atual = Cancelamento.objects.select_for_update().get(pk=cancelamento.pk)
        atual.nota = nota
        if atual.situacao != Cancelamento.Situacao.SOLICITADO:
            raise NotaOcupada(f"O cancelamento está “{atual.get_situacao_display()}” e não espera resposta.")
        if aprovado:
            agora = timezone.now()
            nota.situacao, nota.cancelada_em = Nota.Situacao.CANCELADA, agora
            nota.save(update_fields=["situacao", "cancelada_em"])
            atual.situacao, atual.decidido_em = Cancelamento.Situacao.CONFIRMADO, agora
            atual.decidido_por, atual.evidencia = usuario, evidencia[:250]
            atual.save(update_fields=["situacao", "decidido_em", "decidido_por", "evidencia"])
            contar(nota, EventoNota.Tipo.CANCELADA, usuario=usuario, texto=f"Vista na prefeitura: {evidencia}")
        else:
            registro.cancelamento_negado(atual, operacao=atual.operacao, usuario=usuario, texto=evidencia)
        registrar(
            usuario=usuario,
            acao="nfse.responder_cancelamento",
            objeto=nota,
            resumo=f"Cancelamento da nota {nota.nome} {'confirmado' if aprovado else 'negado'}",
            dados={"evidencia": evidencia, "aprovado": aprovado},
        )
    return atual


def reler(notas: Iterable[Nota], usuario: Usuario | None) -> list[Operacao]:
    """Ask the service how these notes stand now; one question of each at a time, and none twice in the same minute."""
    feitas = submeter([nova_leitura(nota) for nota in notas if not por_que_nao_reler(nota)], usuario=usuario)
    return [*feitas.criadas, *feitas.existentes]


def por_que_nao_reler(nota: Nota) -> str:
    """Why the service cannot be asked about it, in pt-BR; empty when it can."""
    if nota.canal is None or not (nota.chave or nota.numero_nfse):
        return f"A nota {nota.nome} está “{nota.get_situacao_display()}”: ainda não existe no serviço para ser relida."
    if falta_a_chave(nota) and not _tem_rps(nota):
        return (
            f"A nota {nota.nome} está sem a chave {_canal(nota, 'd')} e sem o número ({nota.canal.rps}): o serviço não "
            "tem por onde achá-la. Veja a nota no painel do serviço."
        )
    return ""


def _tem_rps(nota: Nota) -> bool:
    return bool(nota.serie) and nota.numero is not None


def nova_leitura(nota: Nota) -> NovaOperacao:
    momento = timezone.now().strftime("%Y%m%d%H%M")
    return _nova(nota, "reler", f"nfse.reler:{nota.pk}:{momento}", _leitura(nota))


def _leitura(nota: Nota) -> Pedido:
    """Without a chave the taker goes along: what the service has under our number is compared with him."""
    return _pedido(nota) | ({} if nota.chave else {"tomador": nota.tomador.documento})


def buscar_documentos(notas: Iterable[Nota], usuario: Usuario | None) -> list[Operacao]:
    """Fetch XML and PDF again where the service has them. By a person as often as she asks, one fetch at a time; by
    itself (`usuario` None) once a day."""
    do_servico = [n for n in notas if n.canal is not None and n.canal.tipo == TipoCanal.INTEGRANOTAS]
    pedidas = [n for n in do_servico if n.chave or (falta_a_chave(n) and _tem_rps(n))]
    feitas = _ja_buscados(pedidas) if usuario is not None else {}
    dia = _do_dia()
    novas = [
        _nova(nota, "documentos", f"{_BUSCA}{nota.pk}{dia}{feitas.get(nota.pk, 0)}", _leitura(nota)) for nota in pedidas
    ]
    submetidas = submeter(novas, usuario=usuario)
    return [*submetidas.criadas, *submetidas.existentes]


_BUSCA = "nfse.documentos:"


def _do_dia() -> str:
    return f":{timezone.localdate().isoformat()}:"


def nao_buscadas_hoje(notas: QuerySet[Nota]) -> QuerySet[Nota]:
    """Those for whose files buscar_documentos() has not asked by itself today."""
    chave = Concat(Value(_BUSCA), Cast(OuterRef("pk"), CharField()), Value(f"{_do_dia()}0"))
    return notas.exclude(Exists(Operacao.objects.filter(chave=chave)))


def _ja_buscados(notas: Sequence[Nota]) -> Counter[int]:
    """How many fetches of each note have ended."""
    feitas = Operacao.objects.filter(
        tipo="nfse.integranotas.documentos",
        empresa__in={nota.empresa_id for nota in notas},
        situacao__in=ENCERRADAS,
        pedido__nota__in=[nota.pk for nota in notas],
    )
    return Counter(feitas.values_list("pedido__nota", flat=True))


class NaoEnviada(Exception):
    """The message did not leave: what failed and what next, in pt-BR."""


def enviar_por_email(nota: Nota, para: Sequence[str], usuario: Usuario, *, mensagem: str = "") -> None:
    """Send number, key and the kept files to the tomador. Raises PedidoInvalido, NotaOcupada, NaoEnviada."""
    if not para:
        raise PedidoInvalido("para", "Informe ao menos um e-mail.")
    if not nota.valida:
        raise NotaOcupada(f"A nota {nota.nome} está “{nota.get_situacao_display()}” e não pode ser enviada.")
    empresa = nota.empresa
    linhas = [
        f"Nota de serviço {nota.nome} de {empresa.razao_social}.",
        f"Competência {format_competencia(nota.competencia)}, valor {format_dinheiro(nota.valor_servicos)}.",
        f"Chave: {nota.chave}" if nota.chave else "",
        f"Código de verificação: {nota.codigo_verificacao}" if nota.codigo_verificacao else "",
        f"Consulta: {nota.link}" if nota.link else "",
        "",
        mensagem.strip(),
    ]
    carta = EmailMessage(
        subject=f"NFS-e {nota.nome} · {empresa.razao_social}",
        body="\n".join(linhas).strip() + "\n",
        to=list(para),
        reply_to=[empresa.email_fiscal] if empresa.email_fiscal else [],
    )
    try:
        for documento in (nota.pdf, nota.xml):
            if documento is not None:
                carta.attach(documento.nome, abrir(documento), documento.mime)
        carta.send()
    except (ArquivoCorrompido, ArquivoForaDoAr) as erro:
        raise NaoEnviada(f"A mensagem não saiu. {erro}") from erro
    except MailerDoesNotExist as erro:
        raise NaoEnviada(
            "Nenhum servidor de e-mail está configurado. O administrador informa o do escritório (SMTP_SERVIDOR)."
        ) from erro
    except (OSError, SMTPException) as erro:  # a socket's errors, a time-out and TLS's are OSErrors
        log.warning("mail not sent", nota=nota.pk, error=type(erro).__name__)
        raise NaoEnviada(
            f"O servidor de e-mail não aceitou a mensagem ({_motivo_do_correio(erro)}). Confira o endereço, ou fale "
            "com o administrador, e envie de novo."
        ) from erro
    with transaction.atomic():
        contar(nota, EventoNota.Tipo.EMAIL, usuario=usuario, texto=", ".join(para))


def _motivo_do_correio(erro: Exception) -> str:
    match erro:
        case SMTPRecipientsRefused():
            return "o destinatário foi recusado"
        case SMTPAuthenticationError():
            return "o usuário ou a senha do servidor foram recusados"
        case SMTPResponseException():
            return f"código {erro.smtp_code}"
        case TimeoutError():
            return "demorou demais"
    return "sem conexão"


def _canal(nota: Nota, preposicao: str = "") -> str:
    return TipoCanal(nota.canal.tipo).com(preposicao) if nota.canal else f"{preposicao}o canal"


def _pedido(nota: Nota) -> Pedido:
    return {"nota": nota.pk, "referencia": para_json(referencia_de(nota))}


def _nova(nota: Nota, verbo: str, chave: str, pedido: Pedido) -> NovaOperacao:
    canal = nota.canal
    assert canal is not None  # noqa: S101 - whoever asks has looked
    return NovaOperacao(
        tipo=f"nfse.{canal.tipo}.{verbo}",
        chave=chave,
        pedido=pedido,
        acesso=canal.acesso,
        empresa_id=nota.empresa_id,
        competencia=nota.competencia,
    )


def _submeter(nova: NovaOperacao, usuario: Usuario) -> Operacao:
    feitas = submeter([nova], usuario=usuario)
    return (feitas.criadas or feitas.existentes)[0]
