"""Invented presumido and real companies with a DCTFWeb in progress, months of MIT and DARFs to emit."""

import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from comum.models import Usuario
from credentials.models import Autor, Credencial, Servico, Vinculo
from empresas.contexto import competencia_padrao
from empresas.models import Empresa, Regime
from guias.ensaio.federais import PIS_CUMULATIVO
from guias.models import ApuracaoMit, Darf, ReceitaSicalc, TaxaSelic
from guias.services import mit

QUANTAS = 12
_CPF = "52998224725"
_SERVICOS = [Servico.DARF, Servico.DCTFWEB, Servico.PROCURACOES]
_DEBITOS = (("PisPasep", "810902", "650.00"), ("Cofins", "217201", "3000.00"))


def completar(empresas: QuerySet[Empresa], usuario: Usuario, controle: str | None, pedir: Callable[..., bytes]) -> int:
    """Vínculos created. Safe to run again: what is there stays."""
    mes = competencia_padrao()
    de_presumido = empresas.filter(regime__in=(Regime.PRESUMIDO, Regime.REAL), ativa=True, matriz=None)
    escolhidas = list(de_presumido.order_by("pk")[:QUANTAS])
    credencial = Credencial.objects.order_by("codigo").first()
    if credencial is None or not escolhidas:
        return 0
    agora = timezone.now()
    feitos = 0
    for empresa in escolhidas:
        feitos += Vinculo.objects.get_or_create(
            empresa=empresa,
            defaults={
                "credencial": credencial,
                "servicos": _SERVICOS,
                "autor": Autor.CONTRATANTE,
                "gravado_por": usuario,
                "gravado_em": agora,
            },
        )[1]
    TaxaSelic.objects.get_or_create(mes=mes, defaults={"taxa": Decimal("1.00")})
    ReceitaSicalc.objects.get_or_create(
        pk="8109",
        defaults={"denominacao": PIS_CUMULATIVO["descricao"], "extensoes": [PIS_CUMULATIVO], "consultada_em": agora},
    )
    _meses(escolhidas[:6], usuario)
    _darfs(escolhidas[6:10], usuario)
    if controle:
        fechadas: list[dict[str, Any]] = [
            {
                "documento": empresa.documento,
                "razao_social": empresa.razao_social,
                "dctfweb": [
                    {
                        "periodo": f"{mes:%Y%m}",
                        "debitos": [
                            {"origem": 1, "codigo": "108201", "valor": str(900 + 37 * numero)},
                            {"origem": 7, "codigo": "170806", "valor": str(120 + 11 * numero)},
                        ],
                    }
                ],
            }
            for numero, empresa in enumerate(escolhidas[:8])
        ]
        feitas = json.loads(pedir(f"{controle}/controle/api/cadastro", {"contribuintes": fechadas}))
        assert feitas["contribuintes"] == len(fechadas)  # noqa: S101 - all or nothing
    return feitos


def _meses(empresas: list[Empresa], usuario: Usuario) -> None:
    mes = competencia_padrao()
    for numero, empresa in enumerate(empresas):
        if ApuracaoMit.objects.filter(empresa=empresa, competencia=mes).exists():
            continue
        debitos = [{"tributo": t, "codigo": c, "valor": str(Decimal(v) + 10 * numero)} for t, c, v in _DEBITOS]
        nova = ApuracaoMit(empresa=empresa, competencia=mes, cpf_responsavel=_CPF, debitos=debitos)
        mit.gravar(nova, usuario, 0)


def _darfs(empresas: list[Empresa], usuario: Usuario) -> None:
    mes, hoje = competencia_padrao(), timezone.localdate()
    for numero, empresa in enumerate(empresas):
        darf = Darf(
            empresa=empresa,
            receita="8109",
            extensao="02",
            tipo_pa=Darf.Periodo.MENSAL,
            periodo=f"{mes:%m/%Y}",
            competencia=mes,
            vencimento=hoje + timedelta(days=3),
            consolidacao=hoje + timedelta(days=3),
            valor=Decimal("480.00") + 35 * numero,
            criado_por=usuario,
        )
        darf.nomear()
        if not Darf.objects.filter(divida=darf.divida).exists():
            darf.save()
