"""Use-cases of tomadores: create, alter, and make two registers of the same one into one."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Replace
from django.utils import timezone

from comum import auditoria
from comum.formatos import contar
from comum.models import Usuario
from empresas.services import CadastroRecusado
from nfse.models import Contrato, EventoNota, Nota, Tomador
from nfse.services import cadastro

# What a person fills in.
CAMPOS = (
    "documento",
    "nome",
    "inscricao_municipal",
    "email",
    "telefone",
    "cep",
    "logradouro",
    "numero",
    "complemento",
    "bairro",
    "municipio",
    "pais",
    "cidade_exterior",
    "regiao_exterior",
    "codigo_postal",
    "nif",
    "sem_nif",
    "ativo",
)
_SEM_EFEITO = (Nota.Situacao.RASCUNHO, Nota.Situacao.ABANDONADA)
_TOMADOS = {
    "tomador_documento_unico": ("documento", "Já cadastrado agora há pouco por outra pessoa. Procure por ele na lista.")
}


def faltas_do_endereco(tomador: Tomador) -> list[str]:
    """The parts that the address lacks, in words, in the order of the form; empty when `tem_endereco`."""
    partes: list[tuple[str, object]] = [("logradouro", tomador.logradouro), ("número", tomador.numero)]
    if tomador.no_exterior:
        partes.append(("cidade no exterior", tomador.cidade_exterior))
    else:
        partes = [
            ("CEP", tomador.cep),
            *partes,
            ("bairro", tomador.bairro),
            ("município", tomador.municipio_id),
        ]
    return [nome for nome, valor in partes if not valor]


def documento_fixo(tomador: Tomador) -> bool:
    """Whether a note was ever sent with this document, which then stays."""
    if tomador._state.adding:
        return False
    notas = Nota.objects.filter(Q(tomador=tomador) | Q(destinatario=tomador))
    return notas.exclude(situacao__in=_SEM_EFEITO).exists()


@transaction.atomic
def salvar_tomador(*, tomador: Tomador, usuario: Usuario | None) -> Tomador:
    """Create or alter one tomador, with one audit row (none when nothing changed), and bring its new name to the
    contratos and notas that are found by it. Raises CadastroRecusado."""
    antes = cadastro.atual(tomador)
    if antes and (antes.documento, antes.nif) != (tomador.documento, tomador.nif) and documento_fixo(tomador):
        raise CadastroRecusado(
            "documento" if antes.documento != tomador.documento else "nif",
            "Há nota emitida com este documento, por isso ele não muda. Inclua outro tomador e inative este.",
        )
    mudou = cadastro.gravar(tomador, antes, CAMPOS, usuario, _TOMADOS)
    if mudou and antes:
        if antes.ordem != tomador.ordem:
            Contrato.objects.filter(tomador=tomador).update(ordem=tomador.ordem)
        if antes.busca != tomador.busca:
            _trocar_busca(Nota.objects.filter(tomador=tomador), antes, tomador)
    return tomador


def _trocar_busca(notas: QuerySet[Nota], antes: Tomador, depois: Tomador) -> None:
    notas.update(busca=Replace("busca", Value(antes.busca), Value(depois.busca)))


@dataclass(frozen=True)
class Uniao:
    """What a union moved to the tomador that stays, and how many notas stay with the one that goes."""

    contratos: int
    rascunhos: int
    ficaram: int

    def __str__(self) -> str:
        contratos = contar(self.contratos, "contrato", "contratos")
        rascunhos = contar(self.rascunhos, "rascunho", "rascunhos")
        notas = contar(self.ficaram, "nota fica como está", "notas ficam como estão")
        return f"{contratos} e {rascunhos} passaram para o que ficou; {notas}"


class UniaoRecusada(Exception):
    """The two cannot be united; the text (pt-BR) says why and what next."""


@transaction.atomic
def unir(*, fica: Tomador, sai: Tomador, usuario: Usuario) -> Uniao:
    """Make two active tomadores of an empresa one: contratos and notas not yet authorised (drafts and refused ones) go
    to `fica`; what was issued stays with `sai`, which is switched off. Audited. Raises UniaoRecusada."""
    if fica.pk == sai.pk:
        raise UniaoRecusada("Marque outro tomador para unir ao que fica.")
    travados = Tomador.objects.select_for_update().filter(pk__in=[fica.pk, sai.pk], ativo=True).order_by("pk")
    por_chave = {tomador.pk: tomador for tomador in travados}
    if len(por_chave) != 2:
        raise UniaoRecusada("Um dos dois acabou de ser inativado ou unido a outro. Confira a lista.")
    fica, sai = por_chave[fica.pk], por_chave[sai.pk]
    if fica.empresa_id != sai.empresa_id:
        raise UniaoRecusada("Os dois são de empresas diferentes, e cada empresa tem os seus tomadores.")
    agora = timezone.now()
    contratos = list(Contrato.objects.select_for_update().filter(tomador=sai).values_list("pk", flat=True))
    Contrato.objects.filter(pk__in=contratos).update(tomador=fica, ordem=fica.ordem, alterado_em=agora)
    rascunhos = _passar_rascunhos(fica, sai, usuario)
    Tomador.objects.filter(pk=sai.pk).update(ativo=False, alterado_em=agora)
    ficaram = Nota.objects.filter(tomador=sai).count()
    auditoria.registrar(
        usuario=usuario,
        acao="nfse.unir_tomador",
        resumo=f"Tomador {sai} ({sai.documento_mascarado}) unido a {fica} ({fica.documento_mascarado})",
        objeto=fica,
        dados={
            "fica": fica.pk,
            "sai": sai.pk,
            "empresa": fica.empresa_id,
            "contratos": [str(pk) for pk in contratos],
            "notas": rascunhos,
        },
    )
    return Uniao(len(contratos), len(rascunhos), ficaram)


def _passar_rascunhos(fica: Tomador, sai: Tomador, usuario: Usuario) -> list[int]:
    deles = Nota.objects.filter(Q(tomador=sai) | Q(destinatario=sai), situacao__in=Nota.EDITAVEIS)
    ids = list(deles.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
    notas = Nota.objects.filter(pk__in=ids)
    notas.update(versao=F("versao") + 1, alterada_em=timezone.now())
    notas.filter(destinatario=sai).update(destinatario=fica)
    busca = Replace("busca", Value(sai.busca), Value(fica.busca))
    notas.filter(tomador=sai).update(tomador=fica, busca=busca)
    texto = f"Tomador {sai} ({sai.documento_mascarado}) unido a {fica} ({fica.documento_mascarado})."
    EventoNota.objects.bulk_create(
        EventoNota(nota_id=pk, tipo=EventoNota.Tipo.ALTERADA, usuario=usuario, texto=texto) for pk in ids
    )
    return ids
