"""Companies, receitas and a credencial that really reaches the sandbox, for the tests of the fiscal month."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
from django.db.models.functions import Now
from django.utils import timezone

from arquivo.services import guardar
from comum import segredos
from comum.models import Usuario
from credentials.models import Autor, CertificadoA1, Credencial, Servico, Vinculo
from credentials.services import certificados
from empresas.calendario import somar_meses
from empresas.contexto import competencia_padrao
from empresas.models import Empresa
from guias.models import Apuracao, Guia, HistoricoMensal, Procuracao, Receita
from guias.services.calculo import recalcular
from guias.services.poderes import validades
from operacoes.models import A_TRABALHAR, Operacao
from operacoes.motor import NovaOperacao, execucao, submeter
from tests.sandbox_fixture import SandboxVivo

OUTUBRO = date(2026, 10, 1)
MES = competencia_padrao()


def informar(
    empresa: Empresa, valor: str = "50000.00", *, atividade: int = 1, competencia: date = OUTUBRO, meses: int = 12
) -> Apuracao:
    """Revenue of the month and the same for each of the months before; returns the Apuracao, already computed."""
    Receita.objects.create(empresa=empresa, competencia=competencia, atividade=atividade, valor=Decimal(valor))
    historico_de(empresa, valor, competencia, meses=meses)
    recalcular([empresa], competencia, None, receita_mudou=True)
    return Apuracao.objects.get(empresa=empresa, competencia=competencia)


def historico_de(empresa: Empresa, valor: str, competencia: date, *, meses: int = 12) -> None:
    """The same revenue and payroll in each of the months before, none of them declared."""
    anteriores = [somar_meses(competencia, -n) for n in range(1, meses + 1)]
    HistoricoMensal.objects.bulk_create(
        [
            HistoricoMensal(empresa=empresa, competencia=mes, interno=Decimal(valor), folha=Decimal("9000.00"))
            for mes in anteriores
        ],
        ignore_conflicts=True,
    )


def vincular(empresa: Empresa, credencial: Credencial, usuario: Usuario, *servicos: str) -> Vinculo:
    return Vinculo.objects.create(
        empresa=empresa,
        credencial=credencial,
        servicos=list(servicos or (Servico.PGDASD, Servico.DAS, Servico.PROCURACOES)),
        autor=Autor.CONTRATANTE,
        gravado_por=usuario,
        gravado_em=timezone.now(),
    )


def procuracao_de(
    empresa: Empresa, credencial: Credencial, sistemas: list[str], expira: date = date(2099, 12, 31), **campos: Any
) -> Procuracao:
    """What OBTERPROCURACAO41 said of an empresa: one grant, or none."""
    return Procuracao.objects.create(
        empresa=empresa,
        credencial=credencial,
        outorgado=campos.pop("outorgado", credencial.contratante),
        sistemas=sistemas,
        validades=validades([(expira, sistemas)]),
        expira=expira if sistemas else None,
        consultada_em=campos.pop("consultada_em", timezone.now()),
        **campos,
    )


def credencial_falsa(codigo: int = 1) -> Credencial:
    """One that passes the pré-voo and opens nothing."""
    certificado = CertificadoA1.objects.create(
        titular="Escritório Modelo",
        documento="90000001000188",
        emissor="AC de teste",
        valido_de=timezone.now() - timedelta(days=30),
        valido_ate=timezone.now() + timedelta(days=300),
        impressao="0" * 64,
        pfx=b"x",
        senha=b"x",
    )
    return Credencial.objects.create(
        codigo=codigo,
        descricao=f"Escritório {codigo}",
        contratante="90000001000188",
        consumer_key=b"x",
        consumer_secret=b"x",
        certificado=certificado,
    )


def credencial_do_sandbox(sandbox: SandboxVivo, codigo: int = 1) -> Credencial:
    """Table 102 filled with the first demo contratante of the living sandbox."""
    contratante = sandbox.controle.contratantes()[0]
    pfx = httpx.get(contratante["a1"], trust_env=False).content
    certificado = certificados.guardar(pfx, contratante["senha"], certificados.ler_pfx(pfx, contratante["senha"]))
    credencial = Credencial(
        codigo=codigo,
        descricao="Escritório do sandbox",
        contratante=contratante["cnpj"],
        contratante_nome=contratante["nome"],
        certificado=certificado,
    )
    segredos.selar(credencial, "consumer_key", contratante["consumerKey"])
    segredos.selar(credencial, "consumer_secret", contratante["consumerSecret"])
    credencial.save()
    return credencial


def trabalhar(*, adiantar: bool = True, voltas: int = 30) -> None:
    """Drain every bucket in this thread until nothing is due; `adiantar` brings waits forward instead of sleeping."""
    for _ in range(voltas):
        if adiantar:
            Operacao.objects.filter(situacao__in=A_TRABALHAR).update(proxima_em=Now())
        abertas = Operacao.objects.filter(situacao__in=A_TRABALHAR)
        baldes = sorted(set(abertas.values_list("balde", flat=True)))
        if not baldes:
            return
        for balde in baldes:
            execucao.drenar(balde, 20)
        if not adiantar:
            return


def instante(texto: str) -> datetime:
    return timezone.make_aware(datetime.fromisoformat(texto))


def emitir_guia(empresa: Empresa, apuracao: Apuracao, numero: str, total: str = "100.00", **campos: Any) -> Guia:
    """A DAS of the present month that was drawn already."""
    documento = guardar(
        b"%PDF-" + numero.encode(), empresa=empresa, tipo="das", nome=f"DAS-{numero}.pdf", competencia=MES
    )
    operacao = submeter(
        [
            NovaOperacao(
                "guias.das.emitir",
                f"teste:{numero}",
                {"versao": apuracao.versao, "apuracao": apuracao.pk},
                "credencial:1",
                empresa.pk,
                MES,
            )
        ],
        usuario=None,
    ).criadas[0]
    Operacao.objects.filter(pk=operacao.pk).update(situacao="concluida", encerrada_em=timezone.now())
    return Guia.objects.create(
        tipo="das",
        empresa=empresa,
        apuracao=apuracao,
        divida=f"pgdasd:{apuracao.pk}",
        competencia=MES,
        numero=numero,
        vencimento=timezone.localdate(),
        limite=timezone.localdate() + timedelta(days=2),
        principal=Decimal(total),
        multa=0,
        juros=0,
        total=Decimal(total),
        documento=documento,
        operacao=operacao,
        **campos,
    )


def folha_de(empresas: list[Empresa], **valores: str) -> dict[str, Any]:
    return {"e": [str(e.pk) for e in empresas], **valores}
