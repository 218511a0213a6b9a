"""An event put on a note: its signed XML, what it does to the note, its distribution. Inside a `gravacao`."""

from datetime import datetime

from sandbox.nacional import assinatura, chaves, distribuicao, livro, pacote
from sandbox.nacional.esquema import NS
from sandbox.nacional.eventos.catalogo import CANCELADORES, SISTEMA, TIPOS
from sandbox.nacional.models import Evento, Nota
from sandbox.nacional.nfse import instante
from sandbox.nacional.opcoes import Opcoes
from sandbox.nacional.texto_xml import campo, grupo
from sandbox.nucleo import rapido
from sandbox.nucleo.livro import proximo

_SEFIN, _ADN = "2", "3"
AUTOR_SISTEMA = "00000000000191"  # who signs the requests that no taxpayer makes


def registrar(
    nota: Nota, codigo: str, pedido: bytes, autor: str, opcoes: Opcoes, agora: datetime, tag: str, bloqueia: str = ""
) -> Evento:
    """`pedido` is the signed pedRegEvento, which is embedded as it came."""
    sequencia = nota.eventos.filter(codigo=codigo).count() + 1
    sequencia_municipal = proximo(f"nacional_dfse_{nota.municipio}")
    corpo = (
        f'<evento versao="1.01" xmlns="{NS}"><infEvento Id="{chaves.id_do_evento(nota.chave, codigo, sequencia)}">'
        + campo("verAplic", opcoes["versao_aplicativo"])
        + campo("ambGer", _SEFIN)
        + campo("nSeqEvento", f"{sequencia:03d}")
        + campo("dhProc", instante(agora))
        + campo("nDFSe", sequencia_municipal)
    )
    inteiro = corpo.encode() + pacote.nua(pedido) + b"</infEvento></evento>"
    xml = '<?xml version="1.0" encoding="utf-8"?>' + assinatura.assinar(inteiro).decode()
    evento = rapido.inserir(
        Evento(
            nota=nota,
            codigo=codigo,
            sequencia=sequencia,
            autor=autor,
            instante=agora,
            bloqueia=bloqueia,
            xml=xml,
        )
    )
    livro.da_nota(livro.EVENTO, nota, agora, tag, codigo)
    if codigo in CANCELADORES:
        nota.cancelamento = codigo
        nota.save(update_fields=["cancelamento"])
        livro.da_nota(livro.CANCELADA, nota, agora, tag)
    distribuicao.distribuir(nota, agora, evento)
    return evento


def pedido_do_sistema(nota: Nota, codigo: str, miolo: str, opcoes: Opcoes, agora: datetime) -> bytes:
    """The signed request of an event that the system or a município makes. `miolo` comes after xDesc."""
    tipo = TIPOS[codigo]
    autor = campo("CNPJAutor", nota.emitente) if tipo.autor == SISTEMA else campo("CNPJAutor", AUTOR_SISTEMA)
    if tipo.autor == SISTEMA and len(nota.emitente) == 11:
        autor = campo("CPFAutor", nota.emitente)
    corpo = (
        f'<pedRegEvento versao="1.01" xmlns="{NS}"><infPedReg Id="{chaves.id_do_pedido(nota.chave, codigo)}">'
        + campo("tpAmb", opcoes["ambiente"])
        + campo("verAplic", opcoes["versao_aplicativo"])
        + campo("dhEvento", instante(agora))
        + autor
        + campo("chNFSe", nota.chave)
        + grupo(f"e{codigo}", campo("xDesc", tipo.descricao), miolo)
        + "</infPedReg></pedRegEvento>"
    )
    return assinatura.assinar(corpo.encode())
