import type { Language } from './language.js';

const notYou = 'Si ce n’était pas vous, appelez tout de suite le numéro au dos de votre carte.';
const unexpected = 'Si vous ne vous y attendiez pas, appelez le numéro au dos de votre carte.';
const shortly = 'Ce n’était pas vous ? Appelez tout de suite le numéro au dos de votre carte.';

export const french: Language = {
  dates: 'fr-FR',
  words: {
    card: 'carte',
    cardEnding: 'carte se terminant par {{last4}}',
    wallet: 'un portefeuille mobile',
    device: 'sur « {{name}} »',
    devices: {
      phone: 'sur un téléphone',
      tablet: 'sur une tablette',
      watch: 'sur une montre',
      wearable: 'sur un accessoire connecté',
      computer: 'sur un ordinateur',
      vehicle: 'dans un véhicule',
    },
    goodUntil: 'Il est valable jusqu’au {{time}}.',
  },
  texts: {
    PROVISIONING_COMPLETED: {
      plain: {
        subject: 'Votre {{card}} est prête dans {{wallet}}',
        body: ['Votre {{card}} a été ajoutée à {{wallet}} {{device}} le {{when}}. Vous pouvez payer avec.', notYou],
      },
      sms: { body: [`Votre {{card}} a été ajoutée à {{wallet}} {{device}} le {{when}}. ${shortly}`] },
      push: {
        subject: 'Votre {{card}} est prête dans {{wallet}}',
        body: [`Ajoutée {{device}} le {{when}}. ${shortly}`],
      },
    },
    ACTIVATION_CODE: {
      plain: {
        subject: 'Votre code pour ajouter votre {{card}} à {{wallet}}',
        body: [
          '{{code}} est votre code pour ajouter votre {{card}} à {{wallet}} {{device}}. {{goodUntil}}',
          'Ne le donnez à personne : nous ne vous le demanderons jamais. Si vous n’ajoutez pas de carte, appelez tout de suite le numéro au dos de votre carte.',
        ],
      },
      sms: {
        body: [
          '{{code}} est votre code pour ajouter votre {{card}} à {{wallet}} {{device}}. {{goodUntil}} Ne le donnez à personne. Vous n’ajoutez pas de carte ? Appelez tout de suite le numéro au dos de votre carte.',
        ],
      },
      push: {
        subject: 'Votre code pour {{wallet}}',
        body: [
          '{{code}} est votre code pour ajouter votre {{card}} {{device}}. {{goodUntil}} Ne le donnez à personne.',
        ],
      },
    },
    TOKEN_SUSPENDED: {
      plain: {
        subject: 'Votre {{card}} est suspendue dans {{wallet}}',
        body: [
          'Votre {{card}} a été suspendue dans {{wallet}} {{device}} le {{when}}. Vous ne pouvez pas payer avec tant qu’elle n’est pas réactivée.',
          unexpected,
        ],
      },
      sms: { body: [`Votre {{card}} a été suspendue dans {{wallet}} {{device}} le {{when}}. ${unexpected}`] },
      push: { subject: 'Votre {{card}} est suspendue dans {{wallet}}', body: ['Suspendue {{device}} le {{when}}.'] },
    },
    TOKEN_RESUMED: {
      plain: {
        subject: 'Votre {{card}} est réactivée dans {{wallet}}',
        body: [
          'Votre {{card}} a été réactivée dans {{wallet}} {{device}} le {{when}}. Vous pouvez de nouveau payer avec.',
          notYou,
        ],
      },
      sms: { body: [`Votre {{card}} a été réactivée dans {{wallet}} {{device}} le {{when}}. ${shortly}`] },
      push: {
        subject: 'Votre {{card}} est réactivée dans {{wallet}}',
        body: [`Réactivée {{device}} le {{when}}. ${shortly}`],
      },
    },
    TOKEN_DELETED: {
      plain: {
        subject: 'Votre {{card}} n’est plus dans {{wallet}}',
        body: [
          'Depuis le {{when}}, votre {{card}} n’est plus dans {{wallet}} {{device}}. Vous ne pouvez plus payer avec.',
          unexpected,
        ],
      },
      sms: { body: [`Depuis le {{when}}, votre {{card}} n’est plus dans {{wallet}} {{device}}. ${unexpected}`] },
      push: { subject: 'Votre {{card}} n’est plus dans {{wallet}}', body: ['Retirée {{device}} le {{when}}.'] },
    },
    PROVISIONING_UNFINISHED: {
      plain: {
        subject: 'Terminez l’ajout de votre {{card}} à {{wallet}}',
        body: [
          'Vous avez commencé à ajouter votre {{card}} à {{wallet}} {{device}}. Il reste une étape.',
          'Ouvrez votre application de paiement pour terminer.',
          notYou,
        ],
      },
      sms: {
        body: [
          `L’ajout de votre {{card}} à {{wallet}} {{device}} n’est pas terminé. Ouvrez votre application de paiement pour terminer. ${shortly}`,
        ],
      },
      push: {
        subject: 'Terminez l’ajout de votre {{card}} à {{wallet}}',
        body: [`Il reste une étape {{device}}. ${shortly}`],
      },
    },
    TOKEN_UNUSED: {
      plain: {
        subject: 'Votre {{card}} vous attend dans {{wallet}}',
        body: [
          'Votre {{card}} est dans {{wallet}} {{device}} et n’y a pas encore servi. Vous pouvez payer avec partout où le sans contact est accepté.',
          'Si vous ne l’avez pas ajoutée, appelez tout de suite le numéro au dos de votre carte.',
        ],
      },
      sms: {
        body: [`Votre {{card}} est dans {{wallet}} {{device}} et n’y a pas encore servi. ${shortly}`],
      },
      push: {
        subject: 'Votre {{card}} vous attend dans {{wallet}}',
        body: ['Elle n’a pas encore servi {{device}}. Vous pouvez payer avec partout où le sans contact est accepté.'],
      },
    },
  },
};
