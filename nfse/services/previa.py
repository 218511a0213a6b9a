"""What issuing would print, asked of the channel: a reading, which reserves nothing."""

from collections.abc import Sequence
from dataclasses import replace

from nfse.models import CanalNfse, Nota, NotaItem, TipoCanal
from nfse.providers.integranotas import IntegraNotas
from nfse.providers.interface import Capacidade
from nfse.services import acesso
from nfse.services.emissao import instante_de
from nfse.services.pedidos import emissao_de
from operacoes import avulsas

PRAZO = 60.0  # seconds: the service asks the town hall


def tem_previa(canal: CanalNfse | None) -> bool:
    return canal is not None and canal.tipo == TipoCanal.INTEGRANOTAS and Capacidade.PREVIA in IntegraNotas.capacidades


def previa(nota: Nota, itens: Sequence[NotaItem], canal: CanalNfse) -> bytes:
    """The PDF that issuing would give. `nota` needs not be saved: the number it shows is the next one of the series.

    Not inside a transaction. Raises the error family of operacoes.errors.
    """
    emissao = emissao_de(nota, itens, canal, emissao=instante_de(nota))
    emissao = replace(emissao, serie=nota.serie or canal.serie, numero=nota.numero or canal.proximo_numero)
    cliente = acesso.abrir_integranotas(canal)
    limites = acesso.limites_do_acesso(canal.acesso, TipoCanal.INTEGRANOTAS)
    return avulsas.ler(lambda chamadas: cliente.previa(emissao, chamadas=chamadas), limites, prazo=PRAZO)
