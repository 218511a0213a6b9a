"""The checklist of accounts payable in *Primeiros passos*: from the ERP's account to the first title. All of it ticks
itself."""

from django.db.models import F
from django.urls import reverse

from comum.models import Usuario
from credentials.services.passos import Passo
from pagar.models import ContaErp, Fornecedor, RegraTitulo, Titulo


def passos_de_pagar(usuario: Usuario) -> list[Passo]:
    """The steps in order, with what is done now among what exists for the user."""
    contas = ContaErp.objects.filter(ativa=True)
    abrir_contas, fornecedores = reverse("pagar:contas"), reverse("pagar:fornecedores")
    de_quem = "Quem cadastra é o administrador."
    return [
        Passo(
            "conta_erp",
            "Cadastrar a conta do ERP",
            f"A conta diz onde o Datasul responde, com qual usuário, e os códigos da empresa nele. {de_quem}",
            contas.exists(),
            abrir_contas if usuario.administra else fornecedores,
            "Abrir as contas" if usuario.administra else "Abrir os fornecedores",
        ),
        Passo(
            "conta_erp_testada",
            "Testar a conta do ERP",
            f"O botão Testar entra no ERP com o que está guardado e diz o que aconteceu. Nada é lançado. {de_quem}",
            contas.filter(teste_ok=True, alterada_em__lte=F("testada_em")).exists(),
            abrir_contas if usuario.administra else fornecedores,
            "Abrir as contas" if usuario.administra else "Abrir os fornecedores",
        ),
        Passo(
            "fornecedores",
            "Incluir os fornecedores",
            "Quem se paga, com o código que tem no ERP: a Receita Federal, as prefeituras e os prestadores, por CSV ou "
            "um a um.",
            Fornecedor.objects.filter(ativo=True, conta__in=contas).exists(),
            fornecedores,
            "Abrir os fornecedores",
        ),
        Passo(
            "regras_de_titulos",
            "Dizer como cada documento vira título",
            f"Espécie, conta contábil e fluxo do DAS, do DARF e das notas, e os impostos retidos. {de_quem}",
            RegraTitulo.objects.filter(conta__in=contas).exists(),
            reverse("pagar:regras") if usuario.administra else fornecedores,
            "Abrir os cadastros" if usuario.administra else "Abrir os fornecedores",
        ),
        Passo(
            "primeiro_titulo",
            "Implantar o primeiro título",
            "Gere os títulos das guias do mês, confira no pré-voo e envie ao ERP.",
            Titulo.objects.visiveis(usuario).filter(situacao__in=Titulo.NO_ERP).exists(),
            reverse("pagar:das_guias") if usuario.opera else reverse("pagar:titulos"),
            "Gerar das guias" if usuario.opera else "Abrir os títulos",
        ),
    ]
