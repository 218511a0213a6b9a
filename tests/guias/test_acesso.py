"""Who can be asked about: told one by one (guias.services.acesso) and over the whole list (guias.services.quadro)."""

from collections.abc import Callable
from datetime import timedelta
from itertools import product

import pytest
from django.utils import timezone

from credentials.models import Autor, CertificadoA1, Credencial, Servico, Vinculo
from empresas.contexto import competencia_padrao
from guias.models import Apuracao, Procuracao
from guias.services.acesso import Codigo, sem_acesso
from guias.services.quadro import SEM_ACESSO, quadro
from operacoes.models import Pausa
from tests.cast import cnpj_valido, criar_empresas
from tests.guias.apoio import credencial_falsa

pytestmark = pytest.mark.django_db

OUTRO = cnpj_valido(9001)
Mudanca = Callable[[Credencial], object]


def _sem_segredo(credencial: Credencial) -> None:
    credencial.consumer_secret = b""


def _inativa(credencial: Credencial) -> None:
    credencial.ativa = False


def _vencida(credencial: Credencial) -> None:
    credencial.certificado = CertificadoA1.objects.get(impressao="1" * 64)


CREDENCIAIS: dict[str, Mudanca] = {
    "em ordem": lambda credencial: None,
    "inativa": _inativa,
    "sem segredo": _sem_segredo,
    "vencida": _vencida,
    "pausada": lambda credencial: Pausa.objects.create(acesso=credencial.acesso, motivo="Acesso negado."),
}
AUTORES = ["contratante", "procurador, o contratante", "procurador, outro", "contribuinte"]
EMPRESAS = ["de cliente", "o contratante"]
SERVICOS = {"com PGDAS-D": [Servico.PGDASD, Servico.DAS], "sem PGDAS-D": [Servico.DAS]}
# Powers and end of the procuração to the contratante; None where nobody asked.
PROCURACOES = {
    "nunca consultada": None,
    "nenhuma": ([], None),
    "vencida": (["TODOS"], -1),
    "até hoje": (["TODOS"], 0),
    "sem fim": (["TODOS"], None),
    "de outro poder": (["Caixa Postal"], 30),
    "de vários poderes": (["Caixa Postal", "PGDAS-D - a partir de 01/2018"], 30),
    "só a outro": ([], None),
}
CASOS = list(product(CREDENCIAIS, AUTORES, EMPRESAS, SERVICOS, PROCURACOES))


def test_the_list_and_the_one_by_one_check_agree_in_every_combination(ana, adicional_216) -> None:
    modelo = credencial_falsa(codigo=9000)
    vencido = CertificadoA1.objects.get()
    vencido.pk, vencido.impressao, vencido.valido_ate = None, "1" * 64, timezone.now() - timedelta(days=1)
    vencido.save(force_insert=True)
    sem_vinculo, *empresas = criar_empresas(range(1, len(CASOS) + 2))
    credenciais, vinculos, procuracoes = [], [], []
    for codigo, (empresa, caso) in enumerate(zip(empresas, CASOS, strict=True), 1):
        estado, autor, quem, servicos, procuracao = caso
        contratante = empresa.documento if quem == "o contratante" else modelo.contratante
        credencial = Credencial(
            codigo=codigo,
            descricao=f"Escritório {codigo}",
            contratante=contratante,
            consumer_key=b"x",
            consumer_secret=b"x",
            certificado=modelo.certificado,
        )
        CREDENCIAIS[estado](credencial)
        credenciais.append(credencial)
        papel, _, procurador = autor.partition(", ")
        vinculos.append(
            Vinculo(
                empresa=empresa,
                credencial=credencial,
                servicos=SERVICOS[servicos],
                autor=Autor(papel),
                procurador={"o contratante": contratante, "outro": OUTRO}.get(procurador, ""),
                gravado_por=ana,
                gravado_em=timezone.now(),
            )
        )
        if (dita := PROCURACOES[procuracao]) is not None:
            sistemas, dias = dita
            procuracoes.append(
                Procuracao(
                    empresa=empresa,
                    credencial=credencial,
                    outorgado=OUTRO if procuracao == "só a outro" else contratante,
                    sistemas=sistemas,
                    expira=None if dias is None else timezone.localdate() + timedelta(days=dias),
                    consultada_em=timezone.now(),
                )
            )
    Credencial.objects.bulk_create(credenciais)
    Vinculo.objects.bulk_create(vinculos)
    Procuracao.objects.bulk_create(procuracoes)
    mes = competencia_padrao()
    todas = [sem_vinculo, *empresas]
    Apuracao.objects.bulk_create(Apuracao(empresa=e, competencia=mes, sem_movimento=True) for e in todas)

    um_por_um = {
        pk: "sem_procuracao" if fora.codigo == Codigo.PROCURACAO else "sem_acesso"
        for pk, fora in sem_acesso(Servico.PGDASD, todas).items()
    }
    da_lista = {pk: e for pk, e in quadro(ana, mes).values_list("pk", "estado") if e in SEM_ACESSO}

    casos = dict(zip((e.pk for e in todas), [("sem vínculo",), *CASOS], strict=True))
    diferem = {
        casos[pk]: (um_por_um.get(pk), da_lista.get(pk)) for pk in casos if um_por_um.get(pk) != da_lista.get(pk)
    }
    assert diferem == {}
    # None of the three answers is missing from what was compared.
    assert set(um_por_um.values()) == set(SEM_ACESSO)
    assert len(um_por_um) < len(todas)
