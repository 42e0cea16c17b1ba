import type { Language } from './language.js';

const notYou = 'If this was not you, call the number on the back of your card at once.';
const unexpected = 'If you did not expect this, call the number on the back of your card.';
const shortly = 'Not you? Call the number on the back of your card at once.';

export const english: Language = {
  dates: 'en-GB',
  words: {
    card: 'card',
    cardEnding: 'card ending {{last4}}',
    wallet: 'a mobile wallet',
    device: 'on “{{name}}”',
    devices: {
      phone: 'on a phone',
      tablet: 'on a tablet',
      watch: 'on a watch',
      wearable: 'on a wearable',
      computer: 'on a computer',
      vehicle: 'on a vehicle',
    },
    goodUntil: 'It is good until {{time}}.',
  },
  texts: {
    PROVISIONING_COMPLETED: {
      plain: {
        subject: 'Your {{card}} is ready in {{wallet}}',
        body: ['Your {{card}} was added to {{wallet}} {{device}} on {{when}} and is ready to pay.', notYou],
      },
      sms: { body: [`Your {{card}} was added to {{wallet}} {{device}} on {{when}}. ${shortly}`] },
      push: { subject: 'Your {{card}} is ready in {{wallet}}', body: [`Added {{device}} on {{when}}. ${shortly}`] },
    },
    ACTIVATION_CODE: {
      plain: {
        subject: 'Your code for adding your {{card}} to {{wallet}}',
        body: [
          '{{code}} is your code for adding your {{card}} to {{wallet}} {{device}}. {{goodUntil}}',
          'Never tell it to anybody: we shall not ask you for it. If you are not adding a card, call the number on the back of your card at once.',
        ],
      },
      sms: {
        body: [
          '{{code}} is your code for adding your {{card}} to {{wallet}} {{device}}. {{goodUntil}} Never tell it to anybody. Not adding a card? Call the number on the back of your card at once.',
        ],
      },
      push: {
        subject: 'Your code for {{wallet}}',
        body: ['{{code}} is your code for adding your {{card}} {{device}}. {{goodUntil}} Never tell it to anybody.'],
      },
    },
    TOKEN_SUSPENDED: {
      plain: {
        subject: 'Your {{card}} is suspended in {{wallet}}',
        body: [
          'Your {{card}} was suspended in {{wallet}} {{device}} on {{when}}. You cannot pay with it there until it is resumed.',
          unexpected,
        ],
      },
      sms: { body: [`Your {{card}} was suspended in {{wallet}} {{device}} on {{when}}. ${unexpected}`] },
      push: { subject: 'Your {{card}} is suspended in {{wallet}}', body: ['Suspended {{device}} on {{when}}.'] },
    },
    TOKEN_RESUMED: {
      plain: {
        subject: 'Your {{card}} works again in {{wallet}}',
        body: [
          'Your {{card}} was resumed in {{wallet}} {{device}} on {{when}}. You can pay with it there again.',
          notYou,
        ],
      },
      sms: { body: [`Your {{card}} works again in {{wallet}} {{device}} since {{when}}. ${shortly}`] },
      push: {
        subject: 'Your {{card}} works again in {{wallet}}',
        body: [`Resumed {{device}} on {{when}}. ${shortly}`],
      },
    },
    TOKEN_DELETED: {
      plain: {
        subject: 'Your {{card}} was removed from {{wallet}}',
        body: [
          'Your {{card}} was removed from {{wallet}} {{device}} on {{when}}. You cannot pay with it there any more.',
          unexpected,
        ],
      },
      sms: { body: [`Your {{card}} was removed from {{wallet}} {{device}} on {{when}}. ${unexpected}`] },
      push: { subject: 'Your {{card}} was removed from {{wallet}}', body: ['Removed {{device}} on {{when}}.'] },
    },
    PROVISIONING_UNFINISHED: {
      plain: {
        subject: 'Finish adding your {{card}} to {{wallet}}',
        body: [
          'You began to add your {{card}} to {{wallet}} {{device}}, and one step is still to be done.',
          'Open your wallet app to finish.',
          notYou,
        ],
      },
      sms: {
        body: [
          `Adding your {{card}} to {{wallet}} {{device}} is not finished. Open your wallet app to finish. ${shortly}`,
        ],
      },
      push: {
        subject: 'Finish adding your {{card}} to {{wallet}}',
        body: [`One step is still to be done {{device}}. ${shortly}`],
      },
    },
    TOKEN_UNUSED: {
      plain: {
        subject: 'Your {{card}} is waiting in {{wallet}}',
        body: [
          'Your {{card}} is in {{wallet}} {{device}} and has not been used there yet. You can pay with it wherever contactless payments are taken.',
          'If you did not add it, call the number on the back of your card at once.',
        ],
      },
      sms: {
        body: [
          `Your {{card}} is in {{wallet}} {{device}} and has not been used there yet. Did not add it? Call the number on the back of your card at once.`,
        ],
      },
      push: {
        subject: 'Your {{card}} is waiting in {{wallet}}',
        body: ['It has not been used {{device}} yet. You can pay with it wherever contactless payments are taken.'],
      },
    },
  },
};
