package classify

// A few words of Spanish, Italian, Portuguese and Dutch: enough for the plain cases.
var wordsMore = []table{
	{ownAsk, `ayúdenme; ayúdame; ayudarme; me pueden/puede/podrían/podría ayudar/cambiar/devolver/reembolsar; necesito; necesitamos; quiero mi; quisiera; quiero un/una/que/el; devuélvanme; llámenme;
		aiutatemi; aiutarmi; potete aiutarmi; ho bisogno; vorrei; abbiamo bisogno; voglio un/il/la/che; richiamatemi; rimborsatemi;
		ajudem me; podem ajudar me; me ajudem; me ajudar; preciso; precisamos; gostaria de; quero o meu; quero a minha; quero um/uma/meu/minha; liguem me;
		help mij; help me; kunnen jullie mij/ons/me; kunt u mij/ons/me; ik heb hulp nodig; ik wil mijn/graag/een; wij willen graag; bel mij/me; mij omboeken; ik heb een nieuwe`},
	{ask, `pueden; podrían; puede; podría; por favor; potete; potreste; può; per favore; per piacere; podem; poderiam; pode; alstublieft; kunnen jullie; kunt u; kun je; graag`},
	{matter, `mi maleta/vuelo/equipaje/reserva/billete/dinero/reembolso/asiento; mis maletas; mio volo/bagaglio/rimborso/biglietto/posto; il mio; la mia; i miei; meu voo; minha mala; minha bagagem; o meu; a minha; minha reserva; mijn; onze`},
	{third, `ayúdenlo; ayúdenla; ayuden a; a él; mi amigo; mi amiga; un amigo; mio amico; un amico; mia amica; aiutatelo; aiutatela; lo aiutate; ajudem ele; ajudem o; meu amigo; um amigo; minha amiga; help hem; help haar; mijn vriend; een vriend; mijn vriendin; hem; haar; este señor; esta señora`},
	{plain, `quisiera saber; vorrei sapere; gostaria de saber; necesito saber; ik wil graag weten; me pueden decir; pueden decirme; potete dirmi; podem dizer me; podem me dizer; kunnen jullie mij vertellen; kunt u mij vertellen; podrían decirme; me podrían decir`},
	{tells, `cuándo; dónde; cómo puedo; cuánto; cuánta; por qué; qué hago; hay; quisiera saber; me pueden decir; pueden decirme; podrían decirme; me podrían decir; puedo; quando; dove; come posso; quanto; quanti; perché; c è; vorrei sapere; potete dirmi; posso; onde; como posso; quantas; quantos; por que; gostaria de saber; podem dizer me; podem me dizer; wanneer; waar is; waar; hoe laat; hoe kan; hoeveel; waarom; mag ik; is er; kunnen jullie mij vertellen; kunt u mij vertellen; wat moet`},
	{wrong, `retrasado; retraso; cancelado; cancelaron; perdieron; perdida; perdido; nadie responde; nadie contesta; nadie ayuda; todavía no; sigo esperando; roto; rota; no funciona; no ha llegado; no llegó; inaceptable; cobraron; dos veces;
		ritardo; cancellato; perso; persa; smarrito; smarrita; nessuno risponde; ancora niente; sto aspettando; rotto; rotta; non funziona; inaccettabile; non è arrivata; non è arrivato; addebitato;
		atrasado; atraso; cancelaram; perderam; ninguém responde; ninguém ajuda; ainda não; estou à espera; quebrado; partida; partido; não funciona; inaceitável; não chegou; cobraram; extraviada; reclamação;
		vertraagd; vertraging; geannuleerd; kwijt; niemand antwoordt; niemand reageert; nog steeds; kapot; beschadigd; werkt niet; wacht al; onacceptabel; niet aangekomen; klacht; dubbel`},
	{bad, `malo; mala atención; mal servicio; decepcionado; decepcionada; triste; problema; pésimo; pésima; lamentable; deluso; delusa; pessimo; pessima; brutto; male; péssimo; péssima; desiludido; desiludida; decepcionante; slecht; slechte; teleurgesteld; jammer; probleem; helaas; teleurstellend; desastre; disastro`},
	{rage, `vergüenza; vergonzoso; estafa; estafadores; ladrones; furioso; mierda; indignante; nunca más; vergogna; vergognoso; truffa; ladri; furiosa; schifo; mai più; indegno; vergonha; vergonhoso; burla; ladrões; aldrabões; nunca mais; merda; schande; schandalig; belachelijk; woedend; oplichters; oplichting; nooit meer; verschrikkelijk; walgelijk`},
	{thanks, `gracias; muchas gracias; mil gracias; felicidades; enhorabuena; agradecido; agradecida; grazie; grazie mille; complimenti; obrigado; obrigada; muito obrigado; muito obrigada; parabéns; bedankt; dank je; dank u; dankjewel; dank jullie; complimenten; hartelijk dank`},
	{good, `excelente; genial; estupendo; perfecto; amable; amables; maravilloso; encantado; ottimo; ottima; fantastico; fantastica; gentile; gentili; gentilissima; perfetto; bravissimi; excelente; ótimo; ótima; maravilhoso; simpático; simpática; simpáticos; perfeito; geweldig; geweldige; fantastisch; fantastische; vriendelijk; vriendelijke; goed geholpen; blij; top; fijn; fijne`},
	{negates, `no; non; não; nem; niet; geen; nooit; sin; senza; sem; zonder`},
	{greets, `hola; buenos días; buenas tardes; buenas noches; jaja; jajaja; adiós; ciao; buongiorno; buonasera; salve; bom dia; boa tarde; boa noite; olá; oi; tchau; kkk; hoi; goedemorgen; goedemiddag; goedenavond; doei; sí; sì; sim; ja hoor; vale; hallo`},
	{but, `pero; però; mas; maar; sin embargo; tuttavia; porém; echter; helaas; purtroppo; infelizmente`},
	{spam, `haz clic aquí; gana dinero; clicca qui; guadagna; clique aqui; ganhe dinheiro; klik hier; geld verdienen; préstamos; prestiti; empréstimos; criptomonedas; criptovalute; criptomoedas`},
	{surelySpam, `has ganado; ha ganado; hai vinto; você ganhou; je hebt gewonnen; u heeft gewonnen; gana dinero desde casa; guadagna da casa; ganhe dinheiro em casa`},
	{unmarked, `gracias de antemano; grazie in anticipo; obrigado desde já; obrigada desde já; alvast bedankt; no hay problema; nessun problema; sem problema; geen probleem; niet slecht; no problem; por favor`},
	{today, `hoy; esta noche; oggi; stasera; hoje; esta noite; vandaag; vanavond; ahora mismo; adesso; agora mesmo`},
	{hurry, `urgente; urgentemente; subito; dringend; spoed; cuanto antes; o mais rápido; il prima possibile; zo snel mogelijk`},
	{child, `niño; niños; niña; bebé; hijo; hija; hijos; bambino; bambini; bambina; figlio; figlia; criança; crianças; filho; filha; bebê; kind; kinderen; zoon; dochter`},
	{stranded, `varado; varados; atrapado; atrapados; tirados; bloccati; bloccato; bloccata; presos em; preso em; gestrand; vast op; vast in; retido; retidos`},
	{atTheGate, `en la puerta de embarque; al gate; no portão; na porta de embarque; bij de gate; aan de gate`},
	{airport, `en el aeropuerto; in aeroporto; all aeroporto; no aeroporto; op het vliegveld; op schiphol; op de luchthaven`},
	{medication, `medicación; medicamento; medicamentos; insulina; medicinas; farmaci; farmaco; medicine; remédio; remédios; medicijnen; medicatie; insuline`},
}
