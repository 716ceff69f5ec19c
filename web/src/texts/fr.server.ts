// Sentences of the server in French, by the sentence as it stands in the server's source.

const meeting: Record<string, string> = {
  "The record has at most 100 alarms.": "L’enregistrement a au plus 100 alarmes.",
  // Who may, and when
  "Only the chair and the secretary may do this.": "Seuls la présidence et le secrétariat peuvent le faire.",
  "Only the chair may do this.": "Seule la présidence peut le faire.",
  "The session is closed.": "La séance est levée.",
  "The meeting has not been opened yet.": "La séance n’a pas encore été ouverte.",
  "The session is suspended.": "La séance est suspendue.",
  "The session is closed; open it again first.": "La séance est levée ; rouvrez-la d’abord.",
  "The minutes are adopted; the session stays closed.": "Le procès-verbal est adopté ; la séance reste levée.",
  "A decision is open; close or withdraw it before the session is closed.":
    "Une décision est en cours ; proclamez-en le résultat ou retirez-la avant de lever la séance.",
  "Only the delegation of a seat may do this.": "Seule la délégation d’un siège peut le faire.",
  "You are not in the room yet.": "Vous n’êtes pas encore dans la salle.",
  "You do not hold the voice of your delegation.": "Vous ne détenez pas la voix de votre délégation.",
  "There is no such person.": "Cette personne n’existe pas.",
  "The voice of a seat stays in its delegation.": "La voix d’un siège reste dans sa délégation.",
  "An invitation that many share does not hold a voice.":
    "Une invitation partagée par plusieurs ne détient pas de voix.",
  "Only its holder and the head of the delegation hand on the voice.":
    "Seuls la personne qui détient la voix et le chef de la délégation la transmettent.",
  "While its holder is not here you take the voice to yourself only.":
    "Tant que la personne qui détient la voix est absente, vous ne pouvez la prendre que pour vous-même.",
  "This is the server's to say.": "C’est au serveur de le dire.",
  "This is for somebody who is there.": "Ceci revient à une personne présente.",
  "An id has 1 to 32 letters, digits, dots, dashes and underscores.":
    "Un identifiant comporte 1 à 32 lettres, chiffres, points, tirets et tirets bas.",
  "This must be one line, and not empty.": "Il faut ici une seule ligne, non vide.",
  "This must be a text without control characters, and not empty.":
    "Il faut ici un texte sans caractères de commande, non vide.",

  // People
  "The chair removed you from this meeting.": "La présidence vous a exclu(e) de cette réunion.",
  "You were not admitted to this meeting.": "Vous n’avez pas été admis(e) à cette réunion.",
  "This invitation is in use.": "Cette invitation est déjà utilisée.",
  "A name has no characters that turn the direction of writing.":
    "Un nom ne comporte pas de caractères qui inversent le sens de l’écriture.",
  "The meeting is full.": "La réunion est complète.",
  "A name is one line of 1 to 200 bytes.": "Un nom est une ligne de 1 à 200 octets.",
  "Your role sees and hears, and sends nothing.": "Votre rôle est de voir et d’entendre, sans rien émettre.",
  "A text has 1 to 4000 bytes and no control characters.":
    "Un texte comporte 1 à 4000 octets, sans caractères de commande.",
  "There is no such delegation.": "Cette délégation n’existe pas.",
  "Only the delegation itself may write to itself.": "Seule la délégation peut s’écrire à elle-même.",
  "Only who presides and the delegation may write such a note.":
    "Seules la présidence et la délégation peuvent écrire une telle note.",
  "There is no such participant.": "Cette personne ne participe pas.",
  "They have no microphone here.": "Cette personne n’a pas de microphone ici.",
  "Nobody removes themselves; leave instead.": "Personne ne s’exclut ; quittez plutôt la réunion.",
  "Nobody removes the chair.": "Personne n’exclut la présidence.",
  "They are not in the lobby; remove them instead.":
    "Cette personne n’est pas dans la salle d’attente ; excluez-la plutôt.",
  "They are not in the lobby.": "Cette personne n’est pas dans la salle d’attente.",
  "Only interpreters have a channel's microphone.": "Seuls les interprètes ont le microphone d’un canal.",
  "No channel of this meeting is assigned to you.": "Aucun canal de cette réunion ne vous est attribué.",
  "There is no such seat.": "Ce siège n’existe pas.",
  "Only delegates, advisers and who is invited sit behind a seat.":
    "Seuls les délégués, les conseillers et les invités ont un siège.",
  "Delegates and advisers sit behind a seat: say which.":
    "Délégués et conseillers ont un siège : indiquez lequel.",
  "Say into which language they interpret.": "Indiquez vers quelle langue se fait l’interprétation.",
  "Only interpreters and captioners have a language.":
    "Seules les personnes qui interprètent ou sous-titrent ont une langue.",
  "Say in which language they caption.": "Indiquez en quelle langue se fait le sous-titrage.",
  "This is no language tag, as in EN.": "Ce n’est pas un code de langue, comme EN.",
  "Only captioners type captions.": "Seules les personnes chargées du sous-titrage saisissent des sous-titres.",
  "A caption is one line of at most 400 bytes.": "Un sous-titre est une seule ligne de 400 octets au plus.",
  "This is none of the meeting's languages.": "Ce n’est pas une des langues de la réunion.",
  "Only the administrator adds a seat.": "Seul l’administrateur ajoute un siège.",
  "There is a seat of this id already.": "Il existe déjà un siège de cet identifiant.",
  "A weight is 0 to 1000000000.": "Un poids va de 0 à 1000000000.",
  "This meeting has as many seats as it may have.": "Cette réunion compte autant de sièges que possible.",
  "This meeting has as many people as it may have.": "Cette réunion compte autant de personnes que possible.",

  // Agenda and documents
  "There is no such item on the agenda.": "Ce point ne figure pas à l’ordre du jour.",
  "The agenda is full: 100 items.": "L’ordre du jour est complet : 100 points.",
  "An item does not come before itself.": "Un point ne se place pas avant lui-même.",
  "An item that was begun stays on the agenda.": "Un point entamé reste à l’ordre du jour.",
  "Documents, an options paper or a decision belong to this item.":
    "Des documents, un document d’options ou une décision relèvent de ce point.",
  "Three requests of your delegation wait for an answer already.":
    "Trois demandes de votre délégation attendent déjà une réponse.",
  "The meeting had all the requests for consultation that it can have: 100.":
    "La réunion a atteint le nombre maximal de demandes de consultation : 100.",
  "There is no such request for consultation.": "Cette demande de consultation n’existe pas.",
  "This request was answered already.": "Cette demande a déjà reçu une réponse.",
  "Declining a request needs a reason.": "Le rejet d’une demande doit être motivé.",
  "A hash has 64 hexadecimal digits.": "Une empreinte comporte 64 chiffres hexadécimaux.",
  "There was a document of this id already.": "Un document de cet identifiant a déjà existé.",
  "The meeting has all the documents that it can have: 200.":
    "La réunion a atteint le nombre maximal de documents : 200.",
  "There is no such document.": "Ce document n’existe pas.",

  // The floor
  "Only somebody in the meeting asks for the floor.": "Seule une personne présente demande la parole.",
  "Your role does not ask for the floor.": "Votre rôle ne permet pas de demander la parole.",
  "You have a request of this kind on the list; withdraw it first.":
    "Vous avez déjà une telle demande sur la liste ; retirez-la d’abord.",
  "The speakers' list is closed.": "La liste des orateurs est close.",
  "The speakers' list is full: 1000 requests.": "La liste des orateurs est complète : 1000 demandes.",
  "There is no such request on the speakers' list.": "Cette demande ne figure pas sur la liste des orateurs.",
  "Only who asked, the chair and the secretary may do this.":
    "Seuls l’auteur de la demande, la présidence et le secrétariat peuvent le faire.",
  "Nobody of this delegation is in the room.": "Personne de cette délégation n’est dans la salle.",
  "They are not in the room.": "Cette personne n’est pas dans la salle.",
  "Their role does not speak.": "Son rôle ne permet pas de prendre la parole.",
  "They do not hold the voice of their delegation.":
    "Cette personne ne détient pas la voix de sa délégation.",
  "Give the floor to a request on the list, or to a participant.":
    "Donnez la parole à une demande de la liste, ou à une personne présente.",
  "You do not have the floor.": "Vous n’avez pas la parole.",
  "This point of order was ruled on already.": "Il a déjà été statué sur cette motion d’ordre.",
  "Only a point of order is ruled on.": "On ne statue que sur une motion d’ordre.",

  // Options papers and the register
  "You speak for another party.": "Vous parlez pour une autre partie.",
  "Only who presides, a rapporteur, or the party itself may enter this.":
    "Seuls la présidence, un rapporteur ou la partie elle-même peuvent consigner ceci.",
  "Only who presides or a rapporteur may enter this.":
    "Seuls la présidence ou un rapporteur peuvent consigner ceci.",
  "This option stands there twice.": "Cette option y figure deux fois.",
  "There is no such outside party.": "Cette partie extérieure n’existe pas.",
  "The register has at most 1000 entries.": "Le registre compte au plus 1000 inscriptions.",
  "A red line needs its source.": "Une ligne rouge exige sa source.",
  "A source needs its red line.": "Une source exige sa ligne rouge.",
  "Without a red line nothing crosses it.": "Sans ligne rouge, rien ne la franchit.",
  "The entry is not about this option.": "L’inscription ne porte pas sur cette option.",
  "The party was asked in the past, not later.": "La partie a été consultée dans le passé, et non plus tard.",
  "There is no such options paper.": "Ce document d’options n’existe pas.",
  "The paper has no such option.": "Le document ne contient pas cette option.",
  "A country is two capital letters (ISO 3166-1).": "Un pays s’écrit en deux majuscules (ISO 3166-1).",
  "A meeting has at most 64 outside parties.": "Une réunion compte au plus 64 parties extérieures.",
  "This question's id stands on the paper twice.":
    "L’identifiant de cette question figure deux fois dans le document.",
  "A meeting has at most 32 options papers.": "Une réunion compte au plus 32 documents d’options.",
  "The paper asks no such question.": "Le document ne pose pas cette question.",
  "This question is answered twice.": "Cette question reçoit deux réponses.",
  "This party stands there twice.": "Cette partie y figure deux fois.",
  "A decision on this option is open.": "Une décision sur cette option est en cours.",
  "A paper has at most 32 options, with those that were taken off it.":
    "Un document compte au plus 32 options, y compris celles qui en ont été retirées.",
  "A reservation needs its reason.": "Une réserve doit être motivée.",
  "An objection needs its reason.": "Une objection doit être motivée.",

  // Decisions
  "There is no such decision.": "Cette décision n’existe pas.",
  "This decision is not open.": "Cette décision n’est pas en cours.",
  "This decision is open.": "Cette décision est en cours.",
  "The result of this decision is declared.": "Le résultat de cette décision est proclamé.",
  "This decision is withdrawn.": "Cette décision est retirée.",
  "The deadline of this silence has passed.": "L’échéance de cet accord tacite est passée.",
  "A decision has its text in one or two languages.": "Une décision a son texte en une ou deux langues.",
  "A language is a tag, as in EN or FR.": "Une langue s’indique par un code, tel que EN ou FR.",
  "The two texts are in one language.": "Les deux textes sont dans la même langue.",
  "A share has a numerator and a denominator.": "Une part a un numérateur et un dénominateur.",
  "A share is more than nothing, and at most all.": "Une part est plus que rien, et au plus le tout.",
  "Only a qualified majority and a roll call may need a share.":
    "Seuls une majorité qualifiée et un appel nominal peuvent exiger une part.",
  "A qualified majority needs a share of seats, of weights, or both.":
    "Une majorité qualifiée exige une part des sièges, des poids, ou des deux.",
  "Without a share there is nothing to take it of.": "Sans part, il n’y a pas de base à indiquer.",
  "Nobody abstains from consensus or silence.":
    "Le consensus et l’accord tacite ne connaissent pas d’abstention.",
  "This seat is a guest's and takes no part anyway.":
    "Ce siège est celui d’un invité et ne prend de toute façon pas part.",
  "This seat stands there twice.": "Ce siège y figure deux fois.",
  "No seat would be left to decide.": "Il ne resterait aucun siège pour décider.",
  "The quorum is more than all that take part.":
    "Le quorum dépasse le nombre de tous ceux qui prennent part.",
  "A paper and an option on it come together.": "Un document et une de ses options vont ensemble.",
  "A meeting has at most 200 decisions.": "Une réunion compte au plus 200 décisions.",
  "Only silence has a deadline.": "Seul l’accord tacite a une échéance.",
  "Silence needs a deadline.": "L’accord tacite exige une échéance.",
  "There is no quorum: %zu of %zu seats are present, %zu must be.":
    "Le quorum n’est pas atteint : %zu des %zu sièges sont présents, il en faut %zu.",
  "There are warnings; say why it is called all the same.":
    "Il y a des avertissements ; dites pourquoi la décision est mise malgré tout.",
  "This is not the version of the text that stands.": "Ce n’est pas la version en vigueur du texte.",
  "Its option was taken off the paper.": "Son option a été retirée du document.",
  "Only the chair declares a result.": "Seule la présidence proclame un résultat.",
  "Silence closes itself at its deadline.": "L’accord tacite se clôt de lui-même à son échéance.",
  "The roll call is not at its end.": "L’appel nominal n’est pas terminé.",
  "The deadline must be in the future.": "L’échéance doit être dans le futur.",
  "A deadline needs its time zone, as in Europe/Brussels.":
    "Une échéance exige son fuseau horaire, par exemple Europe/Brussels.",
  "This decision is not under silence.": "Cette décision n’est pas soumise à l’accord tacite.",
  "The deadline can only become later.": "L’échéance ne peut qu’être reportée.",
  "This text is the open one; extend its deadline instead.":
    "Ce texte est celui qui est en cours ; reportez plutôt son échéance.",
  "This decision has no such choice.": "Cette décision ne connaît pas ce choix.",
  "This choice needs its reason in writing.": "Ce choix doit être motivé par écrit.",
  "Every seat was called; the roll call is at its end.":
    "Tous les sièges ont été appelés ; l’appel nominal est terminé.",
  "It is the turn of the seat %s.": "C’est au tour du siège %s.",
  "Your seat takes no part in this decision.": "Votre siège ne prend pas part à cette décision.",
  "The text was amended; read it first.": "Le texte a été modifié ; lisez-le d’abord.",
  "Only the seat itself or who presides may do this.": "Seuls le siège lui-même ou la présidence peuvent le faire.",
  "Only in a roll call are seats called.": "Les sièges ne sont appelés que lors d’un appel nominal.",

  // The minutes
  "The minutes are adopted.": "Le procès-verbal est adopté.",
  "The session is not closed yet.": "La séance n’est pas encore levée.",
  "There is no such event.": "Cet événement n’existe pas.",
  "Only a rapporteur and who presides may annotate the minutes.":
    "Seuls un rapporteur et la présidence peuvent annoter le procès-verbal.",
  "The minutes have at most 1000 notes.": "Le procès-verbal compte au plus 1000 notes.",
  "A note is about an event, an item, or an earlier note: one of them.":
    "Une note porte sur un événement, un point ou une note antérieure : un seul d’entre eux.",
  "There is no such note.": "Cette note n’existe pas.",
  "The period must end in the future.": "Le délai doit s’achever dans le futur.",
  "The minutes are not open for corrections.": "Le procès-verbal n’est pas ouvert aux rectifications.",
  "The period for corrections is over.": "Le délai de rectification est écoulé.",
  "Twenty corrections of your delegation wait to be settled already.":
    "Vingt rectifications de votre délégation attendent déjà une décision.",
  "The minutes have at most 1000 corrections.": "Le procès-verbal compte au plus 1000 rectifications.",
  "There is no such correction.": "Cette rectification n’existe pas.",
  "Refusing a correction needs a reason.": "Le refus d’une rectification doit être motivé.",
  "This correction is settled already.": "Il a déjà été statué sur cette rectification.",
  "A silence has not ended yet.": "Une procédure d’accord tacite n’est pas achevée.",
  "The period for corrections is not over.": "Le délai de rectification n’est pas écoulé.",
  "A correction is not settled yet.": "Une rectification attend encore une décision.",
};

/** Of the server around the meeting, what may reach a page. */
const around: Record<string, string> = {
  "Somebody has come to this meeting already; what it is can no longer change.":
    "Quelqu’un est déjà venu à cette réunion ; ce qu’elle est ne peut plus changer.",
  "This meeting has as many invitations as it may have.": "Cette réunion compte autant d’invitations que possible.",
  "There is no such invitation.": "Cette invitation n’existe pas.",
  "Nobody revokes their own invitation; leave instead.":
    "Personne ne révoque sa propre invitation ; quittez plutôt la réunion.",
  "Only the administrator revokes the chair's invitation.":
    "Seule l’administration révoque l’invitation de la présidence.",
  "Sign in, or send the administrator's token: Authorization: Bearer TOKEN.":
    "Connectez-vous, ou envoyez le jeton d’administration dans l’en-tête Authorization.",
  "Your session is over. Sign in again.": "Votre session est terminée. Connectez-vous de nouveau.",
  "The administrator's token is nobody's account: sign in for this.":
    "Le jeton d’administration n’est le compte de personne : connectez-vous pour cela.",
  "This needs the right of an administrator, which your account does not have.":
    "Il faut pour cela le droit d’administration, que votre compte n’a pas.",
  "This meeting belongs to no body: only an administrator may do this.":
    "Cette réunion n’appartient à aucun organe : seule l’administration peut faire cela.",
  "This needs a role in the meeting's body, which your account does not have.":
    "Il faut pour cela un rôle dans l’organe de la réunion, que votre compte n’a pas.",
  "This needs the role of a secretary in the meeting's body, which your account does not have.":
    "Il faut pour cela le rôle de secrétaire dans l’organe de la réunion, que votre compte n’a pas.",
  "The meeting must name a body of which you are a secretary.":
    "La réunion doit nommer un organe dont vous êtes secrétaire.",
  "This login is over, or was never begun here. Sign in again.":
    "Cette connexion est terminée, ou n’a jamais commencé ici. Connectez-vous de nouveau.",
  "This login was begun in another window or by somebody else. Sign in again.":
    "Cette connexion a été commencée dans une autre fenêtre ou par quelqu’un d’autre. Connectez-vous de nouveau.",
  "Many people are signing in at this moment. Try again in a minute.":
    "Beaucoup de personnes se connectent en ce moment. Réessayez dans une minute.",
  "Nobody has appointed you on this server. An administrator can, by your e-mail address or by this subject: %s.":
    "Personne ne vous a désigné sur ce serveur. L’administration le peut, par votre adresse électronique ou par cet identifiant : %s.",
  "The identity provider does not vouch for your e-mail address, or somebody else signed in with it before: ask an administrator.":
    "Le fournisseur d’identité ne répond pas de votre adresse électronique, ou quelqu’un d’autre s’est déjà connecté avec elle : demandez à l’administration.",
  "The identity provider refuses the login: %.*s.": "Le fournisseur d’identité refuse la connexion : %.*s.",
  "The identity provider does not answer: %.180s.": "Le fournisseur d’identité ne répond pas : %.180s.",
  "There is no such body.": "Cet organe n’existe pas.",
  "There is no such account.": "Ce compte n’existe pas.",
  "There is no such session.": "Cette session n’existe pas.",
  "They have no role in this body.": "Cette personne n’a aucun rôle dans cet organe.",
  "There is a body of this name already.": "Il y a déjà un organe de ce nom.",
  "This server has as many bodies as it may have.": "Ce serveur compte autant d’organes que possible.",
  "This server has as many accounts as it may have.": "Ce serveur compte autant de comptes que possible.",
  "Another account has this e-mail address, or this subject.":
    "Un autre compte a cette adresse électronique, ou cet identifiant.",
  "Nobody of this meeting has this id.": "Personne de cette réunion n’a cet identifiant.",
  "The server is restarting.": "Le serveur redémarre.",
  "The server is about to be stopped for maintenance: no meeting begins now.":
    "Le serveur va être arrêté pour maintenance : aucune réunion ne commence pour le moment.",
  "This meeting was deleted.": "Cette réunion a été supprimée.",
  "Your invitation was revoked.": "Votre invitation a été révoquée.",
  "The server has no memory left.": "Le serveur n’a plus de mémoire.",
  "A document has 32 MiB at most.": "Un document a 32 Mio au plus.",
  "The documents of a meeting have 256 MiB at most.": "Les documents d’une réunion ont 256 Mio au plus.",
  "The server cannot read the record now.": "Le serveur ne peut pas lire l’enregistrement en ce moment.",
  "These minutes are longer than what can be adopted: %u kB in each language.":
    "Ce procès-verbal dépasse ce qui peut être adopté : %u ko dans chaque langue.",
  "The minutes are not those that you read; read them again.":
    "Le procès-verbal n’est plus celui que vous avez lu ; relisez-le.",
  "The record of this meeting is full.": "L’enregistrement de cette réunion est plein.",
  "The server could not write the record. Join again.":
    "Le serveur n’a pas pu écrire l’enregistrement. Participez de nouveau.",
  "The organiser's list of participants has no key of yours.":
    "La liste des participants de l’organisateur n’a pas de clé à vous.",
  "The organiser's list of participants has you in no such seat.":
    "La liste des participants de l’organisateur ne vous attribue pas ce siège.",
  "You cosigned as many checkpoints as you may; wait half a minute.":
    "Vous avez cosigné autant de points de contrôle que permis ; attendez une demi-minute.",
  "This is no signature by your key.": "Ce n’est pas une signature de votre clé.",
  "You signed this before; sign it anew.": "Vous avez déjà signé ceci ; signez de nouveau.",
  "What you signed is on a text that is no longer there.":
    "Ce que vous avez signé porte sur un texte qui n’est plus là.",
  "What was signed is of another call, or of before it was amended; sign it anew.":
    "Ce qui a été signé se rapporte à une autre mise en décision, ou précède une modification ; signez de nouveau.",
  "What was signed corrects another event than the record has; sign it anew.":
    "Ce qui a été signé rectifie un autre événement que celui de l’enregistrement ; signez de nouveau.",
  "What was signed is on another text; read it again.":
    "Ce qui a été signé porte sur un autre texte ; relisez-le.",
  "This meeting takes votes, positions and corrections only if they are signed: come by the link that you were sent.":
    "Cette réunion n’accepte votes, positions et rectifications que signés : entrez par le lien qui vous a été envoyé.",
  "A document is PDF, PNG, JPEG or WebP, and its Content-Type says which.":
    "Un document est un PDF, PNG, JPEG ou WebP, et son Content-Type indique lequel.",
  "You were removed from this meeting.": "Vous avez été exclu(e) de cette réunion.",
  "You may not read this document now.": "Vous ne pouvez pas lire ce document maintenant.",
  "There is no such meeting.": "Cette réunion n’existe pas.",
  "This invitation is not known. Check that the link is complete.":
    "Cette invitation est inconnue. Vérifiez que le lien est complet.",
  "This invitation has expired. Ask for a new one.": "Cette invitation a expiré. Demandez-en une autre.",
  "This invitation was revoked. Ask for a new one.": "Cette invitation a été révoquée. Demandez-en une autre.",
  "Too many wrong links or tokens came from your address. Try again in a minute.":
    "Trop de liens ou de jetons erronés sont venus de votre adresse. Réessayez dans une minute.",
  "This link is used too often. Try again in a moment.":
    "Ce lien est utilisé trop souvent. Réessayez dans un instant.",
  "Too many requests came from your address. Try again in a moment.":
    "Trop de demandes sont venues de votre adresse. Réessayez dans un instant.",
  "Too many offers; wait a moment before the next one.":
    "Trop d’offres ; patientez un instant avant la suivante.",
  "The server's disk takes nothing now, so that this could not be recorded. Try again when it does.":
    "Le disque du serveur n’accepte rien pour le moment, et ceci n’a pu être enregistré. Réessayez quand il l’acceptera.",
  "The server's disk takes nothing now, so that nobody can come in. Try again.":
    "Le disque du serveur n’accepte rien pour le moment, et personne ne peut entrer. Réessayez.",
  "The server cannot read its store. Try again later.":
    "Le serveur ne peut pas lire ses données. Réessayez plus tard.",
  "The meeting is not open yet.": "La réunion n’est pas encore ouverte.",
  "This encrypted meeting is full.": "Cette réunion chiffrée est complète.",
  "The members of the group did not add you.": "Les membres du groupe ne vous ont pas fait entrer.",
  "The body is larger than %zu bytes.": "Le contenu dépasse %zu octets.",
  "The server cannot do this now. Try again later.":
    "Le serveur ne peut pas le faire maintenant. Réessayez plus tard.",
  "The server failed. This is its fault.": "Le serveur a échoué. C’est sa faute.",
  "Only the chair, the secretary and the administrator may do this.":
    "Seuls la présidence, le secrétariat et l’administration peuvent le faire.",
  "This manifest is of another meeting.": "Ce manifeste est celui d’une autre réunion.",
  "The manifest and the meeting differ in their encryption.":
    "Le manifeste et la réunion ne s’accordent pas sur le chiffrement.",
  "This meeting's manifest was signed by another organiser.":
    "Le manifeste de cette réunion a été signé par un autre organisateur.",
  "There is a manifest of this version, or a higher one, already.":
    "Il existe déjà un manifeste de cette version, ou d’une version ultérieure.",
  "The manifest must list the seats that were added to this meeting.":
    "Le manifeste doit contenir les sièges qui ont été ajoutés à cette réunion.",
  "The manifest says something else of a seat than it was added with.":
    "Le manifeste dit autre chose d’un siège que lorsqu’il a été ajouté.",
  "The organiser's signed list does not have this seat: it is signed, then added.":
    "La liste signée par l’organisateur ne contient pas ce siège : on le signe, puis on l’ajoute.",
  "The organiser's signed list says something else of this seat.":
    "La liste signée par l’organisateur dit autre chose de ce siège.",
  "This meeting has no manifest.": "Cette réunion n’a pas de manifeste.",
  "You joined this meeting from somewhere else.": "Vous participez à cette réunion depuis un autre endroit.",
  "You may not read these minutes now.": "Vous ne pouvez pas lire ce procès-verbal maintenant.",
  "Nothing of this meeting's record is signed yet.": "Rien de l’enregistrement de cette réunion n’est encore signé.",
};

export const server: Readonly<Record<string, string>> = { ...meeting, ...around };
