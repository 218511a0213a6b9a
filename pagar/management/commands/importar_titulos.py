from nfse.importacao.comando import ComandoComEmpresa


class Command(ComandoComEmpresa):
    help = "Confere e importa um CSV de títulos, como a tela Títulos › Importar CSV: rascunhos, e nada é enviado."
    tipo = "titulos"
