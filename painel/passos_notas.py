"""The checklist of notas in *Primeiros passos*: from the channel to the first note. All of it ticks itself."""

from django.db.models import F
from django.urls import reverse

from comum.models import Usuario
from credentials.services.passos import Passo
from nfse.models import CanalNfse, Nota, Servico, Tomador


def passos_de_notas(usuario: Usuario) -> list[Passo]:
    """The steps in order, with what is done now among what exists for the user."""
    canais = CanalNfse.objects.visiveis(usuario).filter(ativo=True)
    notas = Nota.objects.visiveis(usuario)
    abrir_canais = reverse("nfse:canais")
    return [
        Passo(
            "canal",
            "Cadastrar o canal de uma empresa",
            "O canal diz por qual serviço a empresa emite: o SISGENF-e da prefeitura ou o Integra Notas. Quem cadastra "
            "é o administrador.",
            canais.exists(),
            reverse("nfse:canal_novo") if usuario.administra else abrir_canais,
            "Incluir canal" if usuario.administra else "Abrir os canais",
        ),
        Passo(
            "canal_testado",
            "Testar o canal",
            "O botão Testar do canal entra no serviço com o que está guardado e diz o que aconteceu. Nada é emitido.",
            canais.filter(teste_ok=True, alterado_em__lte=F("testado_em")).exists(),
            abrir_canais,
            "Abrir os canais",
        ),
        Passo(
            "tomador",
            "Incluir os tomadores",
            "Os clientes de cada empresa entram por CSV, ou um a um. O CNPJ, o endereço e o CEP vão na nota.",
            Tomador.objects.visiveis(usuario).filter(ativo=True).exists(),
            reverse("nfse:tomadores"),
            "Abrir os tomadores",
        ),
        Passo(
            "servico",
            "Incluir os serviços",
            "Um modelo por serviço prestado: item da LC 116, alíquota, retenções e a descrição que vai na nota.",
            Servico.objects.visiveis(usuario).filter(ativo=True).exists(),
            reverse("nfse:servicos"),
            "Abrir os serviços",
        ),
        Passo(
            "primeira_nota",
            "Emitir a primeira nota",
            "Escreva um rascunho, confira a prévia e emita: o número, o XML e o PDF ficam guardados aqui.",
            notas.filter(situacao__in=Nota.VALIDAS).exists(),
            reverse("nfse:notas"),
            "Abrir as notas",
        ),
    ]
