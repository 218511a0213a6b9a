"""What the archive lacks of guias and declarations."""

from collections.abc import Iterator, Sequence
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet
from django.urls import reverse

from arquivo.faltas import Acao, Dono, Falta, Fonte, registrar, registrar_donos
from arquivo.models import Documento
from comum.models import Adicional, Usuario
from guias.models import Apuracao, DeclaracaoDctfweb, DeclaracaoDefis, Guia
from guias.services.reemissao import ACOES


def _contratado() -> bool:
    return Adicional.objects.filter(pk=Adicional.INTEGRA_CONTADOR, ativo=True).exists()


def _guias(usuario: Usuario) -> QuerySet[Guia]:
    return Guia.objects.visiveis(usuario).filter(documento__isnull=True).select_related("apuracao")


def _sem_pdf(guias: Sequence[Guia]) -> list[Falta]:
    return [
        Falta(
            guia.pk,
            guia.empresa,
            guia.competencia,
            f"{guia.nome} {guia.numero}",
            reverse("guias:guia", args=[guia.pk]),
            "Sem PDF. Emita de novo: é cobrada como outra emissão."
            if guia.tipo in ACOES and guia.paga_em is None
            else "Sem PDF: o serviço só deu o código de barras, ou já está paga. Abra a guia para ver o que há.",
            f"{guia.via}ª via" if guia.via > 1 else "",
        )
        for guia in guias
    ]


def _pgdasd(usuario: Usuario) -> QuerySet[Apuracao]:
    return Apuracao.objects.visiveis(usuario).filter(
        Q(documento_recibo__isnull=True) | Q(documento_declaracao__isnull=True),
        situacao=Apuracao.Situacao.TRANSMITIDA,
    )


def _sem_recibo(apuracoes: Sequence[Apuracao]) -> list[Falta]:
    return [
        Falta(
            apuracao.pk,
            apuracao.empresa,
            apuracao.competencia,
            f"PGDAS-D {apuracao.id_declaracao}".strip(),
            reverse("guias:ver", args=[apuracao.pk]),
            f"Sem {_o_que(apuracao)}. Na página da apuração, busque a declaração e o recibo: a consulta é cobrada.",
        )
        for apuracao in apuracoes
    ]


def _o_que(apuracao: Apuracao) -> str:
    faltam = [
        nome
        for nome, tem in (
            ("a declaração", apuracao.documento_declaracao_id),
            ("o recibo", apuracao.documento_recibo_id),
        )
        if tem is None
    ]
    return " e ".join(faltam)


def _dctfweb(usuario: Usuario) -> QuerySet[DeclaracaoDctfweb]:
    return DeclaracaoDctfweb.objects.visiveis(usuario).filter(
        recibo__isnull=True, situacao=DeclaracaoDctfweb.Situacao.TRANSMITIDA
    )


def _dctfweb_sem_recibo(declaracoes: Sequence[DeclaracaoDctfweb]) -> list[Falta]:
    return [
        Falta(
            declaracao.pk,
            declaracao.empresa,
            declaracao.competencia,
            f"DCTFWeb {declaracao.get_categoria_display().lower()}",
            reverse("guias:dctfweb"),
            "Sem recibo. Na tela da DCTFWeb, nesta competência, busque o recibo: a consulta é cobrada.",
        )
        for declaracao in declaracoes
    ]


def _defis(usuario: Usuario) -> QuerySet[DeclaracaoDefis]:
    return DeclaracaoDefis.objects.visiveis(usuario).filter(Q(recibo__isnull=True) | Q(declaracao__isnull=True))


def _defis_sem_recibo(declaracoes: Sequence[DeclaracaoDefis]) -> list[Falta]:
    return [
        Falta(
            declaracao.pk,
            declaracao.empresa,
            date(declaracao.ano, 12, 1),
            f"DEFIS {declaracao.ano} {declaracao.numero}",
            reverse("guias:anuais"),
            "Sem declaração ou recibo. Em Obrigações anuais, no ano dela, busque a DEFIS: a consulta é cobrada.",
        )
        for declaracao in declaracoes
    ]


def _donos(usuario: Usuario, documentos: Sequence[Documento]) -> Iterator[tuple[UUID, Dono]]:
    """Without an act: what the service draws again is another document, and is charged."""
    pks = {d.pk for d in documentos}
    guias = Guia.objects.visiveis(usuario).filter(Q(documento__in=pks) | Q(extrato__in=pks) | Q(comprovante__in=pks))
    for guia in guias:
        dono = Dono(f"{guia.nome} {guia.numero}", reverse("guias:guia", args=[guia.pk]))
        yield from ((pk, dono) for pk in (guia.documento_id, guia.extrato_id, guia.comprovante_id) if pk in pks)
    apuracoes = Apuracao.objects.visiveis(usuario).filter(Q(documento_declaracao__in=pks) | Q(documento_recibo__in=pks))
    for apuracao in apuracoes:
        dono = Dono(f"PGDAS-D {apuracao.id_declaracao}".strip(), reverse("guias:ver", args=[apuracao.pk]))
        yield from ((pk, dono) for pk in (apuracao.documento_declaracao_id, apuracao.documento_recibo_id) if pk in pks)


registrar_donos(_donos)
registrar(
    Fonte(
        "guias-sem-pdf",
        "Guias sem PDF",
        "Emitir de novo mostra antes o que cada guia custa e quais ficam de fora; as de outros tipos são pedidas na "
        "página da guia.",
        _guias,
        _sem_pdf,
        acao=lambda: Acao("Emitir de novo as marcadas", reverse("guias:emitir_de_novo")),
        existe=_contratado,
    )
)
registrar(
    Fonte(
        "pgdasd-sem-recibo",
        "PGDAS-D sem recibo",
        "O recibo é buscado uma declaração de cada vez, na página da apuração.",
        _pgdasd,
        _sem_recibo,
        existe=_contratado,
    )
)
registrar(
    Fonte(
        "dctfweb-sem-recibo",
        "DCTFWeb sem recibo",
        "O recibo é buscado na tela da DCTFWeb, na competência da declaração.",
        _dctfweb,
        _dctfweb_sem_recibo,
        existe=_contratado,
    )
)
registrar(
    Fonte(
        "defis-sem-recibo",
        "DEFIS sem recibo",
        "A declaração e o recibo são buscados em Obrigações anuais.",
        _defis,
        _defis_sem_recibo,
        existe=_contratado,
    )
)
