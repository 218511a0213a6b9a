"""An office whose ERP is the simulator: account, suppliers, titles, and the comparison of both sides' balances."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from comum import segredos
from comum.models import Usuario
from empresas.models import Empresa
from nfse.models import CanalNfse, NotaRecebida
from operacoes.models import A_TRABALHAR, Operacao
from operacoes.motor import execucao
from pagar.models import ContaErp, Fornecedor, Pagamento, Titulo
from pagar.providers.blocos import AbatimentoAntecipacao, Imposto, Rateio
from pagar.providers.datasul import CODIGOS_DO_SIMULADOR
from pagar.providers.interface import Antecipacao, LotePagamento, TipoPagamento
from pagar.providers.interface import Titulo as TituloDoLote
from pagar.providers.pedidos import guardar
from pagar.services import implantacao, pagamentos
from tests.cast import criar_empresa
from tests.sandbox_fixture import SandboxVivo

BARRAS = "85600000000153410064328703000300000000000000"
RECEITA, FORNECEDOR, DESCONHECIDO = 12704, 95, 77_777


def conta_no_erp(sandbox: SandboxVivo, **campos: Any) -> ContaErp:
    acesso = sandbox.controle.get("totvs/demonstracao")
    conta = ContaErp(
        codigo=1,
        nome="ERP do grupo",
        base=sandbox.enderecos["totvs"]["producao"],
        usuario=acesso["usuario"],
        empresa=acesso["empresa"],
        estabelecimento=acesso["estabelecimento"],
        matriz="EMS2",
        portador="90000",
        portador_do_bordero="03399",
        codigos=dict(CODIGOS_DO_SIMULADOR),
        por_segundo=1000,
    )
    for nome, valor in campos.items():
        setattr(conta, nome, valor)
    segredos.selar(conta, "senha", acesso["senha"])
    conta.save()
    return conta


class Escritorio:
    """One account with suppliers, one empresa, and who asks for things."""

    def __init__(self, sandbox: SandboxVivo, usuario: Usuario, **conta: Any) -> None:
        self.sandbox, self.usuario = sandbox, usuario
        self.conta = conta_no_erp(sandbox, **conta)
        self.empresa: Empresa = criar_empresa(1)
        self._feitos = 0

    def fornecedor(self, codigo: int) -> Fornecedor:
        return Fornecedor.objects.get_or_create(
            conta=self.conta, codigo=codigo, defaults={"nome": f"Fornecedor {codigo}"}
        )[0]

    # -- titles ------------------------------------------------------------------------------------------------------
    def titulo(
        self,
        valor: str = "100.00",
        *,
        fornecedor: int = FORNECEDOR,
        impostos: Sequence[Imposto] = (),
        antecipacoes: Sequence[AbatimentoAntecipacao] = (),
        no_pagamento: Sequence[Imposto] = (),
        **campos: Any,
    ) -> Titulo:
        """A draft, to a number of its own."""
        self._feitos += 1
        hoje, total = timezone.localdate(), Decimal(valor)
        corpo = TituloDoLote(
            fornecedor=fornecedor,
            especie="DP",
            numero=f"N{self._feitos}",
            parcela="1",
            emissao=hoje,
            vencimento=hoje + timedelta(days=10),
            valor=total,
            portador="90000",
            rateio=(rateio(total),),
            impostos=tuple(impostos),
            antecipacoes=tuple(antecipacoes),
        )
        return self._gravar(corpo, Titulo.Tipo.TITULO, impostos_no_pagamento=list(map(guardar, no_pagamento)), **campos)

    def com_barras(self, valor: str = "100.00", **campos: Any) -> Titulo:
        return self.titulo(valor, codigo_barras=BARRAS, barras=Titulo.Barras.PENDENTE, **campos)

    def antecipacao(self, valor: str = "80.00") -> Titulo:
        self._feitos += 1
        hoje, total = timezone.localdate(), Decimal(valor)
        corpo = Antecipacao(
            empresa="001",
            estabelecimento="100",
            especie="AN",
            fornecedor=FORNECEDOR,
            numero=f"A{self._feitos}",
            parcela="1",
            portador="90000",
            valor=total,
            emissao=hoje,
            vencimento=hoje + timedelta(days=10),
            rateio=(rateio(total),),
            matriz="EMS2",
        )
        return self._gravar(corpo, Titulo.Tipo.ANTECIPACAO)

    def _gravar(self, corpo: TituloDoLote | Antecipacao, tipo: str, **campos: Any) -> Titulo:
        assert corpo.emissao is not None
        assert corpo.vencimento is not None
        assert corpo.valor is not None
        titulo = Titulo(
            tipo=tipo,
            conta=self.conta,
            empresa=self.empresa,
            competencia=timezone.localdate().replace(day=1),
            fornecedor=self.fornecedor(corpo.fornecedor or 0),
            empresa_erp="001",
            estabelecimento="100",
            especie=corpo.especie,
            numero=corpo.numero,
            parcela=corpo.parcela,
            emissao=corpo.emissao,
            vencimento=corpo.vencimento,
            valor=corpo.valor,
            saldo=corpo.valor,
            corpo=guardar(corpo),
            criado_por=self.usuario,
            **campos,
        )
        titulo.save()
        return titulo

    def nota(self) -> NotaRecebida:
        canal, _ = CanalNfse.objects.get_or_create(
            empresa=self.empresa, defaults={"codigo": 1, "tipo": "integranotas", "serie": "1"}
        )
        self._feitos += 1
        return NotaRecebida.objects.create(
            empresa=self.empresa,
            canal=canal,
            chave=f"CHAVE{self._feitos}",
            prestador="90000002000195",
            numero=str(self._feitos),
            competencia=date(2026, 10, 1),
        )

    # -- acts --------------------------------------------------------------------------------------------------------
    def enviar(self, *titulos: Titulo) -> None:
        """Submit what the pré-voo lets go."""
        pks = [titulo.pk for titulo in titulos]
        prevoo = implantacao.prevoo(implantacao.com_tudo(pks))
        assert not prevoo.fora, prevoo.fora[0].motivo
        implantacao.enviar(pks, self.usuario, marca=prevoo.marca)

    def implantar(self, *titulos: Titulo) -> None:
        self.enviar(*titulos)
        trabalhar()
        reler(*titulos)

    def pagar(
        self,
        *titulos: Titulo,
        tipo: TipoPagamento = TipoPagamento.LOTE,
        itens: Sequence[dict[str, Any]] = (),
        **cabecalho: Any,
    ) -> Pagamento:
        """`itens` are what each differs in from paying the whole of its title."""
        reler(*titulos)
        bordero = tipo is TipoPagamento.BORDERO
        onde = {"estabelecimento_bordero" if bordero else "estabelecimento_referencia": "100"}
        numero = pagamentos.proximo_bordero(self.conta, "001", "100", "03399") if bordero else None
        corpo = LotePagamento(
            data=timezone.localdate(), portador="03399", tipo=tipo, **({"bordero": numero} | onde | cabecalho)
        )
        proprios = itens or [{}] * len(titulos)
        pagos = [replace(pagamentos.item_de(t), **dele) for t, dele in zip(titulos, proprios, strict=True)]
        return pagamentos.pagar(titulos, pagos, corpo, self.usuario, versoes={t.pk: t.versao for t in titulos})

    def pagar_ja(self, *titulos: Titulo, **campos: Any) -> Pagamento:
        pagamento = self.pagar(*titulos, **campos)
        trabalhar()
        pagamento.refresh_from_db()
        reler(*titulos)
        return pagamento

    # -- the other side ----------------------------------------------------------------------------------------------
    def falhar(self, acao: str, operacao: str, **regra: Any) -> None:
        """The next call of an operation meets a fault; "nenhuma" is none."""
        if acao == "nenhuma":
            return
        padrao = {"vezes": 1, "so_efeito": True}
        self.sandbox.controle.cenario(acao=acao, servico="totvs", operacao=operacao, **(padrao | regra))

    def livro(self, tipo: str) -> list[str]:
        """The titles (their keys there) that a kind of effect happened to, in order."""
        return [efeito["documento"] for efeito in self.sandbox.controle.ledger(servico="totvs", tipo=tipo)]

    def no_erp(self) -> dict[str, dict[str, Any]]:
        """The ERP's titles by their key there."""
        return {t["chave"]: t for t in self.sandbox.controle.get("totvs/titulos")["titulos"]}

    def conferir_saldos(self) -> None:
        """Every title that we hold to be in the ERP is there, with the balance, state and number that we say; and the
        ERP has none of those that we say it has not."""
        la = self.no_erp()
        for titulo in Titulo.objects.all():
            outro = la.get(chave_la(titulo))
            if titulo.situacao not in Titulo.NO_ERP:
                assert outro is None, f"{titulo.chave}: {titulo.situacao} here, {outro} there"
                continue
            assert outro is not None, f"{titulo.chave} is not there"
            nosso = titulo.situacao, titulo.saldo, titulo.id_pagamento or outro["id"]
            assert nosso == (outro["situacao"], Decimal(outro["saldo"]), outro["id"]), titulo.chave


def chave_la(titulo: Titulo) -> str:
    return titulo.chave.removeprefix(f"{titulo.empresa_erp}/")


def rateio(valor: Decimal) -> Rateio:
    return Rateio(plano_contas="Geral", conta="21010606", unidade_negocio="1", fluxo="10.06.01", valor=valor)


def irrf(valor: str, base: str = "1000.00", **campos: Any) -> Imposto:
    """Withheld, for the Receita, with a title of its own."""
    return Imposto(
        **{
            "pais": "BRA",
            "imposto": "10",
            "classe": 1,
            "classificacao": "1708",
            "especie": "IR",
            "rendimento": Decimal(base),
            "base": Decimal(base),
            "valor": Decimal(valor),
            "vencimento": timezone.localdate() + timedelta(days=20),
            "moeda": "Real",
            "fornecedor": RECEITA,
            **campos,
        }
    )


def abate(antecipacao: Titulo, valor: str) -> AbatimentoAntecipacao:
    return AbatimentoAntecipacao(
        estabelecimento=antecipacao.estabelecimento,
        especie=antecipacao.especie,
        numero=antecipacao.numero,
        parcela=antecipacao.parcela,
        valor=Decimal(valor),
    )


def reler(*linhas: Any) -> None:
    for linha in linhas:
        linha.refresh_from_db()


def trabalhar(voltas: int = 30) -> None:
    """Drain every bucket in this thread until nothing is due; waits are brought forward, and a doubt's past moved back
    until the ERP can hold no more surprise."""
    for _ in range(voltas):
        abertas = Operacao.objects.filter(situacao__in=A_TRABALHAR)
        abertas.update(proxima_em=Now(), enviada_ate=F("enviada_ate") - timedelta(hours=1))
        baldes = sorted(set(abertas.values_list("balde", flat=True)))
        if not baldes:
            return
        for balde in baldes:
            execucao.drenar(balde, 20)
