"""POST /nfse/{chave}/eventos: the request of an event, checked in the order of the service."""

from dataclasses import dataclass
from datetime import datetime

from sandbox.nacional import assinatura, chaves, esquema, municipios, pacote
from sandbox.nacional.arvore import Campos
from sandbox.nacional.assinatura import DO_PEDIDO, elemento
from sandbox.nacional.codigos import Mensagem, Recusa, mensagem, sem_codigo
from sandbox.nacional.eventos import estado, registro
from sandbox.nacional.eventos.catalogo import EMITENTE, INTERMEDIARIO, MUNICIPIO, SISTEMA, TIPOS, TOMADOR
from sandbox.nacional.models import Evento, Nota
from sandbox.nacional.opcoes import Opcoes
from sandbox.nucleo.livro import gravacao

_TAMANHO_CODIGO = 6


@dataclass(frozen=True)
class Pedido:
    """A pedRegEvento that passed its schema."""

    xml: bytes
    raiz: pacote.Arvore
    campos: Campos
    codigo: str

    @property
    def autor(self) -> str:
        return self.campos.texto("CNPJAutor") or self.campos.texto("CPFAutor")

    @property
    def identificacao(self) -> str:
        return self.campos.elemento.get("Id", "")


def ler(codificado: object, opcoes: Opcoes) -> Pedido:
    xml = pacote.abrir(codificado, opcoes["descompressao_maxima"])
    raiz = pacote.ler(xml)
    esquema.conferir(raiz, "pedRegEvento")
    informacoes = elemento(raiz, "infPedReg")
    campos = Campos(informacoes)
    campos.instante("dhEvento")
    return Pedido(xml, raiz, campos, str(informacoes[-1].tag).rpartition("}e")[2])


def registrar(pedido: Pedido, chave: str, quem: str, opcoes: Opcoes, agora: datetime, tag: str) -> Evento:
    """`quem` is the caller by its certificate. Raises Recusa."""
    assinatura.conferir(pedido.raiz, pedido.campos.elemento, pedido.autor, DO_PEDIDO, agora)
    with gravacao():
        nota = Nota.objects.filter(chave=pedido.campos.texto("chNFSe")).first()
        mensagens = [mensagem(codigo) for codigo in _problemas(pedido, chave, nota, opcoes, agora)]
        if nota is None or mensagens:
            raise Recusa(400, *mensagens)
        _conferir_autor(pedido, nota, quem)
        parametros = municipios.de(opcoes, nota.municipio)
        impedimentos: list[Mensagem] = [
            mensagem(codigo) for codigo in estado.impede(nota, pedido.codigo, parametros, agora)
        ]
        if impedimentos:
            raise Recusa(400, *impedimentos)
        return registro.registrar(nota, pedido.codigo, pedido.xml, pedido.autor, opcoes, agora, tag)


def _problemas(pedido: Pedido, chave: str, nota: Nota | None, opcoes: Opcoes, agora: datetime) -> list[str]:
    campos, achados = pedido.campos, []
    montado = chaves.id_do_pedido(campos.texto("chNFSe"), pedido.codigo)
    if pedido.identificacao[-_TAMANHO_CODIGO:] != pedido.codigo:
        achados.append("E1829")
    elif pedido.identificacao != montado or campos.texto("chNFSe") != chave:
        achados.append("E1827")
    if nota is None:
        achados.append("E1831")
    if campos.instante("dhEvento") > agora:
        achados.append("E1843")
    if campos.texto("tpAmb") != str(opcoes["ambiente"]):
        achados.append("E1845")
    return achados


def _conferir_autor(pedido: Pedido, nota: Nota, quem: str) -> None:
    papel = TIPOS[pedido.codigo].autor
    if papel in (SISTEMA, MUNICIPIO):
        raise sem_codigo(401, "Este evento não é de autoria do contribuinte.")
    donos = {EMITENTE: nota.emitente, TOMADOR: nota.tomador, INTERMEDIARIO: nota.intermediario}
    if pedido.autor != donos[papel] or quem != pedido.autor:
        raise sem_codigo(401, "O autor do evento ou o certificado da conexão não é do ator da NFS-e que pode fazê-lo.")
