from nfse.importacao.comando import ComandoComEmpresa


class Command(ComandoComEmpresa):
    help = "Confere e importa um CSV de tomadores, como a tela Tomadores › Importar CSV. Tudo ou nada."
    tipo = "tomadores"
